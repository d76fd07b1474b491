import ArgumentParser
import Dataset
import Foundation
import ModelEvaluation
import Pretraining

/// `tributary-train report`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Writes a page that sets models side by side.",
    discussion: """
      Models are directories that `pretrain` or `prune` wrote, in float, and bundles, in integers. The page tells size, accuracy with each \
      subset of the modalities, calibration, and of bundles the time and the bytes of a request at each rate point beside those of the \
      files; of trainings what each stage took. It is one file that needs no other.

      Examples:
        tributary-train report teacher/model student/model student.gguf --data pictograms --out report.html
        tributary-train report student/model student.gguf --data digits --training student --out report.html
      """)

  @Argument(help: ArgumentHelp("Models' directories and bundles, in the order of the page.", valueName: "model"), completion: .file())
  var models: [String]

  @Option(help: ArgumentHelp("The set of samples.", valueName: "directory"), completion: .directory)
  var data: String

  @Option(
    help: ArgumentHelp("A directory of `pretrain`, whose stages are told (again for more).", valueName: "directory"), completion: .directory
  )
  var training: [String] = []

  @Option(help: ArgumentHelp("The page to write.", valueName: "file"), completion: .file())
  var out: String

  @Option(help: ArgumentHelp("The page's title.", valueName: "text"))
  var title = "Models of pictures, sounds and texts"

  @Option(help: ArgumentHelp("How many samples of each split are looked at, at most.", valueName: "count"))
  var samples = 2000

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if models.isEmpty { throw ValidationError("give at least one model") }
    if samples < 2 { throw ValidationError("--samples wants a number from 2, not \(samples)") }
  }

  func run() throws {
    do {
      let set = try DatasetDirectory(data)
      var progress = Progress("measuring", of: models.count)
      defer { progress.end() }
      var sheets: [ModelSheet] = []
      for model in models {
        sheets.append(try sheet(model, set))
        progress.advance()
      }
      let page = ReportPage(title: title, sheets, costs: try costs())
      do { try Data(page.html.utf8).write(to: URL(fileURLWithPath: out), options: .atomic) } catch {
        throw Failure.unwritable("--out: \(out) cannot be written: \(error.localizedDescription)")
      }
      print(out)
    } catch {
      throw Failure(error).report()
    }
  }

  private func sheet(_ model: String, _ set: DatasetDirectory) throws -> ModelSheet {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: model, isDirectory: &isDirectory) else {
      throw Failure.unreadable("\(model) cannot be read: there is no such file")
    }
    let weights = isDirectory.boolValue ? model + "/model.safetensors" : model
    let bytes = try FileManager.default.attributesOfItem(atPath: weights)[.size] as? Int ?? 0
    return try ModelSheet(
      model: model, isDirectory: isDirectory.boolValue, set: set, atMost: samples, threads: threads.count, bytes: bytes)
  }

  private func costs() throws -> [ReportPage.Cost] {
    try training.flatMap { directory in
      try StageCost.all(of: directory).map { stage, cost in
        ReportPage.Cost(
          stage: "\(directory), \(stage)", steps: cost.steps, samples: cost.samples, seconds: cost.seconds)
      }
    }
  }
}
