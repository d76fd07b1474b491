package import Logging
import ServiceLifecycle
import UnixSignals

/// Serves models until SIGTERM or SIGINT, with certificates and bundles read anew at SIGHUP; then finishes what was accepted and returns.
package func serve(_ library: ModelLibrary, configuration: PeerConfiguration, logger: Logger) async throws {
  let server = try await PeerServer.bind(library, configuration: configuration, logger: logger)
  let services = ServiceGroup(
    services: [server, ReloadService(server: server)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
  try await services.run()
}
