import ArgumentParser
import Foundation

/// What the commands share that compute on several threads.
struct ThreadOptions: ParsableArguments {
  @Option(name: .customLong("threads"), help: ArgumentHelp("Threads that compute (default: those of the machine).", valueName: "count"))
  var count = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    if !(1...64).contains(count) { throw ValidationError("--threads wants a number from 1 to 64, not \(count)") }
  }
}
