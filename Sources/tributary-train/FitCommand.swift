import ArgumentParser
import BundleFormat
import Evaluation
import Foundation
import JSONFormat
import ModelGraph
import Pretraining
import Split

/// `tributary-train fit`.
struct FitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit", abstract: "Finds the largest student that answers in time on a device.",
    discussion: """
      The profile is one of firmware-profiles/ with what `tributary probe BUNDLE --out PROFILE` measured on the device, of any bundle of \
      the same kind of model. Widths and depths of the experiment's model are scaled; what runs on the device must answer within the \
      deadline with its local fusion, and with a peer over the profile's link.

      Examples:
        tributary-train fit student.toml --profile raspberry-pi-zero-2-w.toml --bundle student.gguf --deadline 0.05
        tributary-train fit student.toml --profile device.toml --bundle student.gguf --deadline 0.02 --json
      """)

  @OptionGroup var options: ExperimentOptions

  @Option(help: ArgumentHelp("The device's profile.", valueName: "file"), completion: .file())
  var profile: String

  @Option(help: ArgumentHelp("The bundle that was measured.", valueName: "file"), completion: .file())
  var bundle: String

  @Option(help: ArgumentHelp("From a request to its answer.", valueName: "seconds"))
  var deadline: Double

  @Flag(help: "Print one JSON object instead of text.")
  var json = false

  func validate() throws {
    if !(deadline > 0 && deadline <= 3600) { throw ValidationError("--deadline wants seconds above 0, not \(deadline)") }
  }

  func run() throws {
    do {
      let search = try StudentSearch(options.read(), conditions())
      let best = search.best(within: deadline * 1e6)
      print(json ? Self.json(search, best) : Self.text(search, best))
      if best == nil { throw Failure.badData("no size of the model answers within \(deadline) s") }
    } catch {
      throw Failure(error).report()
    }
  }

  private func conditions() throws -> StudentSearch.Conditions {
    let measured = try BundleFormat.Bundle(path: bundle)
    let graph = measured.graph
    let key = measured.hash.prefix(6).map { String(format: "%02x", $0) }.joined()
    return try readProfile(profile) { profile throws(ProfileError) in
      let costs = try profile.costs(bundle: key, segments: graph.segments.map(\.name), inputs: graph.inputs.map { graph[$0].name })
      return StudentSearch.Conditions(
        pace: PartPace(graph, costs), link: profile.link ?? .guessed,
        peerSpeed: profile.peerSpeed ?? PeerEstimate.guessedSpeed)
    }
  }

  private typealias Best = (candidate: StudentSearch.Candidate, share: Double)?

  private static func text(_ search: StudentSearch, _ best: Best) -> String {
    let shares = search.candidates.first?.split.map(\.share) ?? []
    let header = ["scale", "parameters", "local ms"] + shares.flatMap { ["bytes at \($0)", "split ms at \($0)"] }
    let rows = search.candidates.map { candidate in
      ["\(candidate.scale)", "\(candidate.parameters)", (candidate.local / 1e3).decimal(2)]
        + candidate.split.flatMap { ["\($0.bytes)", ($0.time / 1e3).decimal(2)] }
    }
    let choice = best.map { "--set model.scale=\($0.candidate.scale)" + ($0.share < 1 ? ", and run --share \($0.share)" : "") }
    return TextTable(header, rows).text + (choice.map { "\n\n" + $0 } ?? "")
  }

  private static func json(_ search: StudentSearch, _ best: Best) -> String {
    let candidates = search.candidates.map { candidate in
      let points = candidate.split.map { point in
        Json.object([
          .init(key: "share", value: .number(point.share)), .init(key: "bytes", value: .integer(point.bytes)),
          .init(key: "milliseconds", value: .number(point.time / 1e3)),
        ])
      }
      return Json.object([
        .init(key: "scale", value: .number(candidate.scale)), .init(key: "parameters", value: .integer(candidate.parameters)),
        .init(key: "local_milliseconds", value: .number(candidate.local / 1e3)), .init(key: "split", value: .array(points)),
      ])
    }
    let choice = best.map { best in
      Json.object([.init(key: "scale", value: .number(best.candidate.scale)), .init(key: "share", value: .number(best.share))])
    }
    return Json.object([.init(key: "candidates", value: .array(candidates)), .init(key: "best", value: choice ?? .null)]).text
  }
}
