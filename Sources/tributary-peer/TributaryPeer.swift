import ArgumentParser

/// The peer's command.
@main
struct TributaryPeer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tributary-peer", abstract: "Runs the heavy part of split models for devices.", subcommands: [ServeCommand.self])
}
