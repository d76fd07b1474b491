import ServiceLifecycle
import UnixSignals

/// Has the certificates read anew at each SIGHUP.
struct CertificateReload: Service {
  let server: PeerServer

  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() { server.reloadCertificates() }
  }
}
