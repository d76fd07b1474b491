import NIOPosix
import ServiceLifecycle
import UnixSignals

/// Has certificates and bundles read anew at each SIGHUP, away from the network's threads, since that takes its time.
struct ReloadService: Service {
  let server: PeerServer

  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
      try await NIOThreadPool.singleton.runIfActive { server.reload() }
    }
  }
}
