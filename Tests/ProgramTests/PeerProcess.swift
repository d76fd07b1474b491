import Foundation
import TestSupport

/// `tributary-peer serve` on a port of the system's choice; killed with its last user.
final class PeerProcess {
  let port: UInt16
  private let process: Process
  private let directory: TemporaryDirectory

  private struct NoStart: Error {
    let log: String
  }

  init(bundle: String, _ more: [String] = []) throws {
    directory = try TemporaryDirectory()
    process = try Program.peer.start(
      ["serve", bundle, "--listen", "127.0.0.1:0"] + more, output: directory.path + "/output", errors: directory.path + "/log")
    for _ in 0..<20_000 where process.isRunning {
      if let port = try Self.port(in: contents(of: directory.path + "/log")) {
        self.port = port
        return
      }
      usleep(2_000)
    }
    kill(process.processIdentifier, SIGKILL)
    throw NoStart(log: try contents(of: directory.path + "/log"))
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// The flags that make the device ask this peer.
  var flags: [String] { ["--peer", "127.0.0.1:\(port)"] }

  var identifier: Int32 { process.processIdentifier }

  /// Waits until the log has so many lines with those words.
  func waitForLog(_ words: String, count: Int = 1) throws {
    for _ in 0..<10_000 where try contents(of: directory.path + "/log").split(separator: words).count <= count { usleep(2_000) }
  }

  /// Sends a signal and waits for the end; gives the exit code, or 128 and the signal's number, and the log.
  func end(with signal: Int32) throws -> (status: Int32, log: String) {
    kill(process.processIdentifier, signal)
    return (try Program.peer.end(of: process), try contents(of: directory.path + "/log"))
  }

  /// The port in the line that says where the peer listens, once that line is whole.
  private static func port(in log: String) -> UInt16? {
    let line = log.split(separator: "\n", omittingEmptySubsequences: false).dropLast().first { $0.hasSuffix("listening") }
    guard let line, let address = line.firstRange(of: "address=127.0.0.1:") else { return nil }
    return UInt16(line[address.upperBound...].prefix { $0.isNumber })
  }
}

/// A number that the peer's last log line counts, such as `answers`.
func count(_ name: String, in log: String) -> Int? {
  guard let start = log.firstRange(of: " \(name)=")?.upperBound else { return nil }
  return Int(log[start...].prefix { $0.isNumber })
}
