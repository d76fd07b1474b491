import CPosix
import CTLS
import Split

/// The device's side of TLS with one peer: one connection at a time, of which each resumes the session of the last.
final class TLSClient {
  private let client: OpaquePointer
  /// The name that the peer's certificate must carry.
  private let name: String

  /// Reads the files. `host` is what is connected to.
  init(_ files: TLSFiles, host: String) throws(DeviceError) {
    guard TLSFiles.areOfUse else { throw .tls(.leftOut) }
    let name = files.serverName ?? host
    let authority = try Self.read(files.authority)
    let certificate = try files.identity.map { files throws(DeviceError) in try Self.read(files.certificate) } ?? []
    let key = try files.identity.map { files throws(DeviceError) in try Self.read(files.key) } ?? []
    var status = tls_done
    let client = authority.withUnsafeBufferPointer { authority in
      certificate.withUnsafeBufferPointer { certificate in
        key.withUnsafeBufferPointer { key in tls_client_new(name, tls_file(authority), tls_file(certificate), tls_file(key), &status) }
      }
    }
    guard let client else { throw .tls(Self.problem(status, files)) }
    self.client = client
    self.name = name
  }

  deinit { tls_client_free(client) }

  /// Bytes that went over all connections, records and handshakes included.
  var bytesSent: Int { Int(tls_bytes_sent(client)) }
  var bytesReceived: Int { Int(tls_bytes_received(client)) }

  func begin(_ descriptor: Int32) throws(RemoteFailure) {
    let status = tls_begin(client, descriptor)
    guard status == tls_done else { throw failure(status) }
  }

  /// Goes on with the handshake. Returns whether it is done, and if not, whether the descriptor must be written next, or else read.
  func handshake() throws(RemoteFailure) -> (isDone: Bool, wantsToWrite: Bool) {
    let status = tls_handshake(client)
    guard [tls_done, tls_wants_read, tls_wants_write].contains(status) else { throw failure(status) }
    return (status == tls_done, status == tls_wants_write)
  }

  /// As `tls_send` in CTLS.h.
  func send(_ bytes: UnsafeRawBufferPointer) -> Int { tls_send(client, bytes.baseAddress, bytes.count) }

  /// As `tls_receive` in CTLS.h.
  func receive(_ bytes: UnsafeMutableRawBufferPointer) -> Int { tls_receive(client, bytes.baseAddress, bytes.count) }

  func end() { tls_end(client) }

  /// A file's bytes; of PEM, which unlike DER does not begin with a sequence's tag, with a zero behind them.
  private static func read(_ path: String) throws(DeviceError) -> [UInt8] {
    let bytes = try readFile(path, limit: 1 << 20)
    return bytes.first == 0x30 ? bytes : bytes + [0]
  }

  private static func problem(_ status: tls_status, _ files: TLSFiles) -> TLSSetupError {
    let (certificate, key) = files.identity ?? ("", "")
    return switch status {
    case tls_bad_authority: .noCertificate(path: files.authority)
    case tls_bad_certificate: .noCertificate(path: certificate)
    case tls_bad_key: .noKey(path: key)
    case tls_locked_key: .lockedKey(path: key)
    case tls_other_key: .otherKey(path: key, certificate: certificate)
    default: .noMemory
    }
  }

  private func failure(_ status: tls_status) -> RemoteFailure {
    switch status {
    case tls_closed: .closed
    case tls_not_tls: .tls(.notSpoken)
    case tls_too_old: .tls(.tooOld)
    case tls_unknown_authority: .tls(.unknownAuthority)
    case tls_expired: .tls(.expired)
    case tls_not_yet_valid: .tls(.notYetValid)
    case tls_wrong_name: .tls(.wrongName(expected: name))
    case tls_unsuitable_certificate: .tls(.unsuitableCertificate)
    case tls_certificate_wanted: .tls(.certificateWanted)
    case tls_refused: .tls(.refused(TLSAlert(number: UInt8(truncatingIfNeeded: tls_alert(client)))))
    case tls_no_memory: .tls(.noMemory)
    default: .tls(.damaged)
    }
  }
}

extension tls_file {
  fileprivate init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.init(bytes: bytes.baseAddress, size: bytes.count)
  }
}
