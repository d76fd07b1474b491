import CPosix

#if hasFeature(Embedded)
  /// The program's entry where the C library calls it.
  @c(main)
  public func main(_ count: Int32, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32 { Tributary.run(count, words) }
#else
  /// The program's entry where Swift makes `main`.
  @main
  enum Entry {
    static func main() { exit(Tributary.run(CommandLine.argc, CommandLine.unsafeArgv)) }
  }
#endif

/// The device's command.
enum Tributary {
  /// Runs the command line of a process; returns its exit code.
  static func run(_ count: Int32, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32 {
    let arguments = (1..<max(1, Int(count))).compactMap { words[$0].map { String(cString: $0) } }
    do throws(CommandError) {
      try dispatch(arguments)
      return 0
    } catch {
      Console.printError("tributary: " + error.description)
      return error.exitCode
    }
  }
}

private let overview = """
  Runs INT8 models on this device, whole or split with a peer.

  Usage: tributary COMMAND …

  Commands:
    run      run a model on a text, a picture or a sound, here or split with a peer
    info     what a bundle holds
    bench    latency, throughput, cold start and memory of a bundle
    probe    measure what a bundle's parts take on this device, for plan
    plan     where a request would best pass to a peer, and why

  'tributary COMMAND --help' explains a command.
  """

private func dispatch(_ words: [String]) throws(CommandError) {
  guard let name = words.first, name != "--help", name != "help" else { return Console.print(overview) }
  let rest = Array(words.dropFirst())
  let commands: [(Interface, (Arguments) throws(CommandError) -> Void)] = [
    (RunCommand.interface, RunCommand.run), (InfoCommand.interface, InfoCommand.run), (BenchCommand.interface, BenchCommand.run),
    (ProbeCommand.interface, ProbeCommand.run), (PlanCommand.interface, PlanCommand.run),
  ]
  guard let (interface, run) = commands.first(where: { $0.0.name == name }) else {
    throw .usage(.unknownCommand(name))
  }
  if rest.contains("--help") { return Console.print(interface.help) }
  try run(usage { () throws(UsageError) in try Arguments(rest, for: interface) })
}
