import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Shows a peer's metrics over HTTP. A connection is for one request, and there are few of them and not for long.
struct MetricsServer {
  /// Why a connection is closed at once.
  private struct TooMany: Error {}

  /// The connections that are open.
  private final class Visitors: Sendable {
    private let limit: Int
    private let count = Mutex(0)

    init(limit: Int) { self.limit = limit }

    func enter() -> Bool {
      count.withLock { count in
        guard count < limit else { return false }
        count += 1
        return true
      }
    }

    func leave() { count.withLock { $0 -= 1 } }
  }

  /// Where it listens, with the port that the system chose for port 0.
  let address: ListenAddress

  /// Listens until the group shuts down; nil where no metrics are to be shown.
  static func bind(
    _ configuration: PeerConfiguration, _ group: MultiThreadedEventLoopGroup, report: @escaping @Sendable () -> MetricsReport
  ) async throws(PeerError) -> MetricsServer? {
    guard let address = configuration.metrics else { return nil }
    let visitors = Visitors(limit: configuration.maximumMetricsConnections)
    let patience = TimeAmount.milliseconds(Int64(configuration.metricsMilliseconds))
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard visitors.enter() else { throw TooMany() }
          let timer = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
          channel.closeFuture.whenComplete { _ in
            timer.cancel()
            visitors.leave()
          }
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
          try channel.pipeline.syncOperations.addHandler(MetricsHandler(report: report))
        }
      }
    do {
      let listener = try await bootstrap.bind(to: address.resolved()).get()
      let port = UInt16(clamping: listener.localAddress?.port ?? Int(address.port))
      return MetricsServer(address: ListenAddress(host: address.host, port: port))
    } catch {
      throw .cannotShowMetrics(address, reason: bindFailure(error))
    }
  }
}
