import BundleFormat
import JSONFormat
import Models
import Training

/// What a stage has taken so far, over all runs that trained it: a file beside its states.
package struct StageCost: Hashable, Sendable {
  package internal(set) var steps = 0
  package internal(set) var samples = 0
  package internal(set) var seconds = 0.0

  private static let file = "/cost.json"

  /// Of a stage whose states lie in that directory; nothing where no run has kept any.
  package init(directory: String) throws(PretrainingError) {
    let path = directory + Self.file
    guard ModelFile.exists(path) else { return }
    do throws(ImportError) {
      let root = try ModelFile.json(path)
      steps = try root["steps"].integer(0...Int.max)
      samples = try root["samples"].integer(0...Int.max)
      seconds = try root["seconds"].number(0...1e12)
    } catch {
      throw .experiment(error)
    }
  }

  /// Those of all stages that have begun of a training, in its order.
  package static func all(of directory: String) throws(PretrainingError) -> [(stage: String, cost: StageCost)] {
    let root: Field
    do throws(ImportError) { root = try ModelFile.json(directory + "/experiment.json") } catch { throw .experiment(error) }
    guard case .object(let stages)? = root["stages"].value else { return [] }
    var costs: [(stage: String, cost: StageCost)] = []
    for stage in stages {
      let own = "\(directory)/stages/\(stage.key)"
      if ModelFile.exists(own) { costs.append((stage.key, try StageCost(directory: own))) }
    }
    return costs
  }

  func write(to directory: String) throws(PretrainingError) {
    let text = Json.object([
      .init(key: "steps", value: .integer(steps)), .init(key: "samples", value: .integer(samples)),
      .init(key: "seconds", value: .number(seconds)),
    ]).text
    do throws(BundleError) { try NewFile.write(Array(text.utf8), to: directory + Self.file) } catch {
      throw .training(.unwritable(error))
    }
  }
}
