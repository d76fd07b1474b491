import ArgumentParser
import Autograd
import Compression
import Dataset
import Foundation
import JSONFormat
import ModelGraph
import Models
import Pretraining

/// `tributary-train prune`.
struct PruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Makes a model of several modalities narrower.",
    discussion: """
      The model is a directory that `pretrain` wrote. Of each part named in --keep that share is left of attention heads, of the widths \
      inside feed-forward parts and of the channels inside inverted residuals: those that matter most for what the model answers to the \
      samples of the set. What comes out is a smaller model in a directory that `import` takes, and that a training goes on with as \
      `[model] from`: train it some more, it has lost something.

      Examples:
        tributary-train prune teacher/model --data pictograms --keep image=0.75,sound=0.5,text=0.5 --out narrow
        tributary-train prune teacher/model --data pictograms --keep fusion=0.5 --batches 50 --out narrow --json
      """)

  @Argument(help: ArgumentHelp("The model's directory.", valueName: "model"), completion: .directory)
  var model: String

  @Option(help: ArgumentHelp("The set of samples.", valueName: "directory"), completion: .directory)
  var data: String

  @Option(help: ArgumentHelp("How much is left of which parts.", valueName: "part=share,..."))
  var keep: String

  @Option(help: ArgumentHelp("The directory to write.", valueName: "directory"), completion: .directory)
  var out: String

  @Option(help: ArgumentHelp("How many batches of samples are looked at.", valueName: "count"))
  var batches = 20

  @Option(help: ArgumentHelp("Samples of a batch.", valueName: "count"))
  var batch = 32

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print one JSON object instead of text.")
  var json = false

  func validate() throws {
    _ = try shares()
    if !(1...1 << 20).contains(batches) { throw ValidationError("--batches wants a number from 1, not \(batches)") }
    if !(2...1 << 16).contains(batch) { throw ValidationError("--batch wants a number from 2 to 65536, not \(batch)") }
  }

  private func shares() throws -> [String: Double] {
    var shares: [String: Double] = [:]
    for entry in keep.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = entry.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, MultimodalDescription.parts.contains(parts[0]), let share = Double(parts[1]), share > 0, share <= 1,
        shares.updateValue(share, forKey: parts[0]) == nil
      else {
        let known = MultimodalDescription.parts.joined(separator: ", ")
        throw ValidationError("--keep wants PART=SHARE, each part once: one of \(known), and a share above 0 up to 1; not '\(entry)'")
      }
    }
    return shares
  }

  func run() throws {
    do {
      try prune()
    } catch {
      throw Failure(error).report()
    }
  }

  private func prune() throws {
    let (own, parameters) = try MultimodalDirectory.read(model)
    let narrower = try own.description.narrowed(to: shares())
    let set = try DatasetDirectory(data)
    let measurement = try SensitivityMeasurement(own, set: set, batch: batch, workers: Workers(count: threads.count))
    var progress = Progress("measuring", of: batches)
    let sensitivities = try measurement.measure(parameters, batches: batches) { progress.advance() }
    progress.end()
    let (graph, target) = (try own.description.configuration.graph(heads: []).graph, try narrower.configuration.graph(heads: []).graph)
    func placed(_ values: [String: [Float]]) -> [TensorID: [Float]] {
      Dictionary(uniqueKeysWithValues: graph.parameters.compactMap { id in values[graph[id].name].map { (id, $0) } })
    }
    let pruning = Pruning(graph: graph, parameters: placed(parameters), sensitivities: placed(sensitivities))
    let kept = try pruning.parameters(for: target)
    let directory = MultimodalDirectory(description: narrower, tokenizer: own.tokenizer, labels: own.labels)
    try directory.write(to: out, parameters: Dictionary(uniqueKeysWithValues: kept.map { (target[$0].name, $1) }))
    let result = PruneResult(path: out, before: graph, after: target)
    print(json ? result.json : result.text)
  }
}

/// What the command tells when a model is narrower.
private struct PruneResult {
  let path: String
  let before: Graph
  let after: Graph

  private func parameters(_ graph: Graph) -> Int {
    graph.parameters.reduce(0) { $0 + (graph[$1].shape.elementCount(batch: 1, sequence: 1) ?? 0) }
  }

  private func products(_ graph: Graph) -> Int { graph.multiplyAccumulates(sequence: graph.limits.sequence) }

  var text: String {
    """
    wrote \(path): \(parameters(after)) of \(parameters(before)) parameters, \(products(after)) of \(products(before)) \
    multiply-accumulates
    """
  }

  var json: String {
    Json.object([
      .init(key: "model", value: .string(path)), .init(key: "parameters_before", value: .integer(parameters(before))),
      .init(key: "parameters", value: .integer(parameters(after))),
      .init(key: "multiply_accumulates_before", value: .integer(products(before))),
      .init(key: "multiply_accumulates", value: .integer(products(after))),
    ]).text
  }
}
