import ArgumentParser
import Models
import Pretraining

/// What the commands share that read an experiment.
struct ExperimentOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The experiment.", valueName: "file"), completion: .file(extensions: ["toml"]))
  var experiment: String

  @Option(help: ArgumentHelp("An entry in place of the file's (again for more).", valueName: "table.key=value"))
  var set: [String] = []

  func validate() throws {
    if let wrong = set.first(where: { !$0.contains("=") }) { throw ValidationError("--set wants TABLE.KEY=VALUE, not '\(wrong)'") }
  }

  func read() throws(PretrainingError) -> Experiment {
    let changes = set.map { entry in
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (path: String(parts[0]), value: String(parts[1]))
    }
    do throws(ImportError) { return try Experiment(file: experiment, changes: changes) } catch { throw .experiment(error) }
  }
}
