import BundleFormat
import CPosix
import NIOCore
import NIOSSL

extension NIOSSLContext {
  /// TLS 1.2 or later, with ECDHE and authenticated encryption only, as the files say. In equal terms the device chooses between AES and
  /// ChaCha20, since it knows whether its processor has instructions for AES.
  convenience init(_ credentials: PeerCredentials) throws(PeerError) {
    let chain = try Self.certificates(credentials.certificate)
    var settings = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(try Self.key(credentials.key)))
    settings.minimumTLSVersion = .tlsv12
    settings.cipherSuites = """
      [ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]:[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]\
      :ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384
      """
    settings.shutdownTimeout = .milliseconds(500)
    if let authority = credentials.clientAuthority {
      settings.trustRoots = .certificates(try Self.certificates(authority))
      settings.certificateVerification = .noHostnameVerification
    }
    do {
      try self.init(configuration: settings)
    } catch {
      throw .credentials(path: credentials.key, reason: "is not the key of the certificate in \(credentials.certificate)")
    }
  }

  private static func certificates(_ path: String) throws(PeerError) -> [NIOSSLCertificate] {
    try open(path)
    do {
      return try NIOSSLCertificate.fromPEMFile(path)
    } catch {
      throw .credentials(path: path, reason: "holds no certificate in PEM")
    }
  }

  private static func key(_ path: String) throws(PeerError) -> NIOSSLPrivateKey {
    try open(path)
    do {
      return try NIOSSLPrivateKey(file: path, format: .pem)
    } catch {
      throw .credentials(path: path, reason: "holds no private key in PEM without a password")
    }
  }

  /// Opens a file once, since the library does not tell why it could not.
  private static func open(_ path: String) throws(PeerError) {
    let descriptor = posix_open_read(path)
    guard descriptor >= 0 else { throw .credentials(path: path, reason: "cannot be read: \(systemMessage(posix_errno()))") }
    close(descriptor)
  }
}
