import ArgumentParser

/// The trainer's command.
@main
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tributary-train", abstract: "Makes models for tributary.",
    subcommands: [
      DatasetCommand.self, PretrainCommand.self, PruneCommand.self, EvaluateCommand.self, FitCommand.self, ImportCommand.self,
      ExportCommand.self, ReportCommand.self,
    ])
}
