import CTLS

/// The files with which a device and a peer know each other, each PEM or DER.
package struct TLSFiles: Sendable {
  /// The certificates of the authorities that the peer's must come from.
  package let authority: String
  /// The device's own certificate, with those between it and an authority of the peer's; its key. Both or neither.
  package let identity: (certificate: String, key: String)?
  /// The name that the peer's certificate must carry; nil for the host's that is connected to.
  package let serverName: String?

  package init(authority: String, identity: (certificate: String, key: String)?, serverName: String?) {
    self.authority = authority
    self.identity = identity
    self.serverName = serverName
  }

  /// Whether this program can speak TLS.
  package static var areOfUse: Bool { tls_is_available() != 0 }
}

/// Why a device cannot speak TLS, whoever the peer is.
package enum TLSSetupError: Error, Sendable, CustomStringConvertible {
  case noCertificate(path: String)
  case noKey(path: String)
  case lockedKey(path: String)
  case otherKey(path: String, certificate: String)
  case noMemory
  /// The program was built without TLS.
  case leftOut

  package var description: String {
    switch self {
    case .noCertificate(let path): "\(path): holds no certificate that can be read (X.509, as PEM or DER)"
    case .noKey(let path): "\(path): holds no private key that can be read (EC or RSA, as PEM or DER)"
    case .lockedKey(let path): "\(path): is locked with a password; 'openssl pkey' unlocks it"
    case .otherKey(let path, let certificate): "\(path): is not the key of the certificate in \(certificate)"
    case .noMemory: "there is no memory left for TLS"
    case .leftOut: "this program was built without TLS, which --ca asks for; 'tools/firmware PROFILE --tls' builds it in"
    }
  }
}
