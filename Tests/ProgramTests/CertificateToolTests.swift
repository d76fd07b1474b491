import Foundation
import TestSupport
import Testing

/// `tools/certificates`.
@Suite struct CertificateToolTests {
  private let directory = Result { try TemporaryDirectory() }

  private static let tool = Program(
    path: URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../tools/certificates")
      .standardizedFileURL.path)

  private func made(_ flags: String...) throws -> [String] {
    let outcome = try Self.tool.run([directory.get().path + "/made"] + flags)
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    return outcome.output.split(separator: "\n").map { String($0.prefix { $0 != "." }.dropFirst("made ".count)) }
  }

  @Test func onlyWhatIsMissingIsMade() throws {
    #expect(try made("--peer-name", "river.local", "--peer-name", "10.0.0.7", "--device", "porch") == ["ca", "peer", "porch"])
    #expect(try made() == [])
    #expect(try made("--device", "porch", "--device", "cellar") == ["cellar"])
    #expect(try made("--renew", "porch") == ["porch"])
    #expect(try made("--peer-name", "river.local", "--peer-name", "10.0.0.7") == [])
    #expect(try made("--peer-name", "lake.local") == ["peer"])
    #expect(try made("--device", "porch", "--days", "3", "--renew", "porch") == ["porch"])
    #expect(try made("--device", "porch") == ["porch"], "it would run out within a week")
  }

  @Test func keysAreForTheirOwner() throws {
    _ = try made()
    let folder = try directory.get().path + "/made"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(Set(names) == ["ca.pem", "ca.key", "peer.pem", "peer.key", "peer.names", "device.pem", "device.key"])
    for name in names where name.hasSuffix(".key") {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test(arguments: [
    [], ["a", "b"], ["a", "--days", "0"], ["a", "--days"], ["a", "--device", "peer"], ["a", "--device", "x/y"], ["--no"],
  ])
  func wrongFlagsAreRefused(flags: [String]) throws {
    let outcome = try Self.tool.run(flags)
    #expect(outcome.status == 64 && outcome.output.isEmpty && !outcome.errors.isEmpty)
  }
}
