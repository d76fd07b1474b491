/// The files with which a peer shows devices who it is, and learns who they are: all PEM.
package struct PeerCredentials: Sendable, Equatable {
  /// The peer's certificate, and behind it those between it and an authority of the devices'.
  package let certificate: String
  package let key: String
  /// The certificates of the authorities that a device's must come from; nil where devices need none.
  package let clientAuthority: String?

  package init(certificate: String, key: String, clientAuthority: String?) {
    self.certificate = certificate
    self.key = key
    self.clientAuthority = clientAuthority
  }

  var paths: [String] { [certificate, key] + (clientAuthority.map { [$0] } ?? []) }
}
