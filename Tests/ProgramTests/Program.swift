import Foundation
import Testing
import TestSupport

/// A program to run: those of the project are built beside the tests.
struct Program: Sendable {
  static let device = Program(path: built("tributary"))
  static let peer = Program(path: built("tributary-peer"))
  static let trainer = Program(path: built("tributary-train"))
  static let shell = Program(path: "/bin/sh")

  let path: String

  private static func built(_ name: String) -> String { Bundle.main.bundleURL.appendingPathComponent(name).path }

  /// How a run ended.
  struct Outcome: Sendable {
    /// The exit code, or 128 and the signal's number.
    let status: Int32
    let output: String
    let errors: String

    /// The output as a JSON object.
    var json: [String: Any] {
      (try? JSONSerialization.jsonObject(with: Data(output.utf8))) as? [String: Any] ?? [:]
    }
  }

  /// A run that goes on this long hangs and is killed.
  private static let patience = 60.0

  /// Runs it to its end. Its output goes to files, which unlike pipes no other child can hold open.
  func run(_ arguments: [String]) throws -> Outcome {
    let directory = try TemporaryDirectory()
    let (output, errors) = (directory.path + "/output", directory.path + "/errors")
    let process = try start(arguments, output: output, errors: errors)
    let status = try end(of: process)
    return Outcome(status: status, output: try contents(of: output), errors: try contents(of: errors))
  }

  func run(_ arguments: String...) throws -> Outcome { try run(arguments) }

  /// Starts it and leaves it running, its output in files.
  func start(_ arguments: [String], output: String, errors: String) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardOutput = try Self.newFile(output)
    process.standardError = try Self.newFile(errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Waits for the end of a process of this program; gives its exit code, or 128 and the signal's number.
  func end(of process: Process) throws -> Int32 {
    let limit = Date(timeIntervalSinceNow: Self.patience)
    while process.isRunning, Date() < limit { usleep(1_000) }
    if process.isRunning {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      Issue.record("\(path) did not end: \(process.arguments ?? [])")
    }
    return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
  }

  private static func newFile(_ path: String) throws -> FileHandle {
    try Data().write(to: URL(fileURLWithPath: path))
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }
}

/// The text of a file, invalid parts replaced.
func contents(of path: String) throws -> String { String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self) }

/// Expects a run to have ended with that exit code, without output, and with one line on the standard error that has those words.
func expectRefusal(
  _ outcome: Program.Outcome, _ status: Int32, naming words: String..., sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
  #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
  #expect(outcome.errors.hasPrefix("tributary") && outcome.errors.hasSuffix("\n"), sourceLocation: sourceLocation)
  #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
  for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: sourceLocation) }
}
