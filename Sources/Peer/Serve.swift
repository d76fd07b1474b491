package import Logging
import ServiceLifecycle
import UnixSignals

/// Serves a model until SIGTERM or SIGINT, with its certificates read anew at SIGHUP; then finishes what was accepted and returns.
package func serve(model: any FusionModel, configuration: PeerConfiguration, logger: Logger) async throws {
  let server = try await PeerServer.bind(model: model, configuration: configuration, logger: logger)
  let services = ServiceGroup(
    services: [server, CertificateReload(server: server)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
  try await services.run()
}
