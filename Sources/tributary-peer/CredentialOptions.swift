import ArgumentParser
import Peer

/// How the peer and its devices know each other.
struct CredentialOptions: ParsableArguments {
  @Option(help: "Speak TLS, with the certificate chain in this PEM file. Files that change are read again, at SIGHUP at once.")
  var certificate: String?

  @Option(help: "The certificate's private key, in PEM.")
  var key: String?

  @Option(help: "Serve only devices whose certificate comes from an authority in this PEM file.")
  var clientCa: String?

  @Flag(help: "Listen without all three even on an address that other machines reach: only on a network that you trust.")
  var insecure = false

  func validate() throws {
    guard (certificate == nil) == (key == nil) else {
      throw ValidationError("--certificate and --key belong together: \(key == nil ? "--key" : "--certificate") is missing")
    }
    guard clientCa == nil || certificate != nil else { throw ValidationError("--client-ca wants TLS: give --certificate and --key") }
  }

  var files: PeerCredentials? {
    guard let certificate, let key else { return nil }
    return PeerCredentials(certificate: certificate, key: key, clientAuthority: clientCa)
  }
}
