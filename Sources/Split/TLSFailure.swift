/// Why no TLS connection with a peer came about.
package enum TLSFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// What answers there does not speak TLS.
  case notSpoken
  /// The peer speaks TLS, and this device was not told to.
  case spoken
  case tooOld
  /// The peer's certificate is of no authority that this device trusts.
  case unknownAuthority
  case expired
  case notYetValid
  case wrongName(expected: String)
  /// Its key, hash or purpose is not good enough.
  case unsuitableCertificate
  /// The peer wants a certificate, and this device has none.
  case certificateWanted
  case refused(TLSAlert)
  /// The handshake's bytes are damaged.
  case damaged
  case noMemory

  package var description: String {
    switch self {
    case .notSpoken: "the peer does not speak TLS; start it with --certificate and --key, or leave out --ca"
    case .spoken: "the peer speaks TLS; give --ca, with --certificate and --key where it wants to know this device"
    case .tooOld: "the peer speaks no TLS 1.2"
    case .unknownAuthority: "the peer's certificate was not issued by an authority in the file given with --ca"
    case .expired: "the peer's certificate has expired; renew it, or check this device's clock"
    case .notYetValid: "the peer's certificate is not valid yet; check this device's clock"
    case .wrongName(let name): "the peer's certificate is not for '\(name)'; reach it by a name in its certificate or give --server-name"
    case .unsuitableCertificate:
      "the peer's certificate is unsuitable: it wants SHA-256 or better, P-256, P-384 or RSA of 2048 bits or more, and serverAuth"
    case .certificateWanted: "the peer wants to know this device; give --certificate and --key"
    case .refused(let alert): "the peer refused TLS: \(alert.description)"
    case .damaged: "the peer's TLS handshake is damaged"
    case .noMemory: "there is no memory left for TLS"
    }
  }
}

/// The number of a fatal alert (RFC 5246, 7.2).
package struct TLSAlert: Sendable, Hashable, CustomStringConvertible {
  package let number: UInt8

  package init(number: UInt8) {
    self.number = number
  }

  package var description: String {
    switch number {
    case 40: "there is no common ground (handshake_failure)"
    case 42, 43: "this device's certificate does not suit it"
    case 44: "this device's certificate was revoked"
    case 45: "this device's certificate has expired; renew it"
    case 46: "this device's certificate was not accepted"
    case 48: "this device's certificate was not issued by an authority that it trusts"
    case 49: "this device may not use it"
    case 51: "the key does not match the certificate"
    case 112: "it does not know the name that was asked for"
    default: "alert \(number)"
    }
  }
}
