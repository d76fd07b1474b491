import Foundation

/// Certificates as tools/certificates makes them, in a folder that goes with its last user: for the peer under `localhost` and 127.0.0.1,
/// and for the device `porch`.
package struct Certificates {
  private let directory: TemporaryDirectory

  private struct Failure: Error {
    let words: [String]
  }

  package init() throws {
    directory = try TemporaryDirectory()
    try make(["--peer-name", "localhost", "--peer-name", "127.0.0.1", "--device", "porch"])
  }

  package func path(_ name: String) -> String { directory.path + "/" + name }

  package func write(_ name: String, _ text: String) throws { try directory.write(name, text.utf8) }

  /// Runs tools/certificates on the folder again.
  package func make(_ flags: [String]) throws {
    let tool = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../tools/certificates")
    try run(tool.standardizedFileURL.path, [directory.path] + flags)
  }

  /// Signs NAME.pem anew, for its owner's key, so that it ended yesterday.
  package func expire(_ name: String) throws {
    try run("/usr/bin/openssl", ["req", "-new", "-key", path(name + ".key"), "-subj", "/CN=" + name, "-out", path("request")])
    try write("names", "subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    try run(
      "/usr/bin/openssl",
      ["x509", "-req", "-in", path("request"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-set_serial", "7", "-days", "-1"]
        + ["-extfile", path("names"), "-out", path(name + ".pem")])
  }

  /// The flags of a peer that serves only devices of the same authority.
  package var peerFlags: [String] { ["--certificate", path("peer.pem"), "--key", path("peer.key"), "--client-ca", path("ca.pem")] }

  /// The flags of the device `porch`.
  package var deviceFlags: [String] { ["--ca", path("ca.pem"), "--certificate", path("porch.pem"), "--key", path("porch.key")] }

  private func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(words: [program] + arguments) }
  }
}
