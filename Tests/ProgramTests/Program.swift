import Foundation

/// A program of the project, built beside the tests.
struct Program {
  let name: String

  /// How a run ended.
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String

    /// The output as a JSON object.
    var json: [String: Any] {
      (try? JSONSerialization.jsonObject(with: Data(output.utf8))) as? [String: Any] ?? [:]
    }
  }

  private static let folder = Bundle(for: Marker.self).bundleURL.deletingLastPathComponent()

  private final class Marker {}

  private var process: Process {
    let process = Process()
    process.executableURL = Self.folder.appendingPathComponent(name)
    return process
  }

  /// Runs it to its end.
  func run(_ arguments: String...) throws -> Outcome {
    let process = process
    process.arguments = arguments
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let problems = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self), errors: String(decoding: problems, as: UTF8.self))
  }

  /// Starts it and leaves it running, its standard error in a file.
  func start(_ arguments: [String], log: URL) throws -> Process {
    let process = process
    process.arguments = arguments
    FileManager.default.createFile(atPath: log.path, contents: nil)
    process.standardError = try FileHandle(forWritingTo: log)
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return process
  }
}
