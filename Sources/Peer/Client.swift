import NIOCore
import NIOSSL

/// Who is at the other end of a connection: what its certificate names, else where it connects from.
enum Client: Sendable, Hashable, CustomStringConvertible {
  case device(name: String)
  case address(String)

  /// The longest name that is told; longer ones are cut.
  private static let longestName = 64

  init(certificate: NIOSSLCertificate?, address: SocketAddress?) {
    guard let certificate, let name = Self.name(of: certificate) else {
      self = .address(address?.ipAddress ?? "unknown")
      return
    }
    self = .device(name: name)
  }

  var description: String {
    switch self {
    case .device(let name): name
    case .address(let address): address
    }
  }

  /// The certificate's common name, else its first host name. What would not be plain in a log becomes `?`.
  private static func name(of certificate: NIOSSLCertificate) -> String? {
    let common = certificate.subjectName.last { $0.type == .commonName }?.value
    let host = certificate._subjectAlternativeNames().first { $0.nameType == .dnsName }.map { String(decoding: $0.contents, as: UTF8.self) }
    guard let name = common ?? host, !name.isEmpty else { return nil }
    return String(String.UnicodeScalarView(name.unicodeScalars.prefix(longestName).map { ("!"..."~").contains($0) ? $0 : "?" }))
  }
}
