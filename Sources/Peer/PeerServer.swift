import BundleFormat
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Split
import Wire

/// A peer that listens: binds, serves until its service group shuts down, and then finishes what it has accepted.
package struct PeerServer: Service {
  private let listener: any Channel
  private let group: MultiThreadedEventLoopGroup
  private let connections: Connections
  private let worker: InferenceWorker
  private let counter: MetricsCounter
  private let library: ModelLibrary
  private let certificates: CertificateStore?
  private let metricsServer: MetricsServer?
  private let configuration: PeerConfiguration
  private let logger: Logger

  /// Where it listens, with the port that the system chose for port 0.
  package let address: ListenAddress

  /// Where it shows metrics, likewise.
  package var metricsAddress: ListenAddress? { metricsServer?.address }

  /// Starts to listen and to serve.
  package static func bind(
    _ library: ModelLibrary, configuration: PeerConfiguration, logger: Logger
  ) async throws(PeerError) -> PeerServer {
    let address = try configuration.listen.resolved()
    let isGuarded = configuration.credentials?.clientAuthority != nil
    guard address.isLoopback || isGuarded || configuration.allowsInsecureRemote else {
      throw .remoteWithoutCredentials(configuration.listen)
    }
    let certificates = try configuration.credentials.map { files throws(PeerError) in try CertificateStore(files, logger: logger) }
    if let metrics = configuration.metrics, try !metrics.resolved().isLoopback, !configuration.allowsInsecureRemote {
      throw .remoteMetrics(metrics)
    }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.eventLoops))
    let connections = Connections(limit: configuration.maximumConnections, client: configuration.client)
    let counter = MetricsCounter()
    let cache = AnswerCache(limit: configuration.cacheBytes, counter: counter)
    let worker = InferenceWorker(configuration, cache: cache, counter: counter, clock: group.next(), logger: logger)
    let reception = Reception(
      library: library, settings: configuration.session, connections: connections, worker: worker, counter: counter,
      arrivals: SparseLog("connected", logger: logger), refusals: SparseLog("refused: too many connections", logger: logger))
    let handshakes = Handshakes(
      limit: configuration.maximumHandshakes, patience: configuration.handshakeMilliseconds, counter: counter, logger: logger)
    let bootstrap = serverBootstrap(group, backlog: configuration.maximumConnections) { channel in
      channel.eventLoop.makeCompletedFuture {
        guard let certificates else { return try reception.greet(channel, Client(certificate: nil, address: channel.remoteAddress)) }
        try handshakes.begin(on: channel, certificates.context) { try reception.greet(channel, $0) }
      }
    }
    do {
      let metricsServer = try await MetricsServer.bind(configuration, group) {
        MetricsReport(
          metrics: counter.snapshot, openConnections: connections.count, queue: worker.backlog.requests, wait: worker.backlog.wait,
          isDraining: connections.isDraining)
      }
      let listener = try await bootstrap.bind(to: address).get()
      let port = UInt16(clamping: listener.localAddress?.port ?? Int(configuration.listen.port))
      return PeerServer(
        listener: listener, group: group, connections: connections, worker: worker, counter: counter, library: library,
        certificates: certificates, metricsServer: metricsServer, configuration: configuration, logger: logger,
        address: ListenAddress(host: configuration.listen.host, port: port))
    } catch {
      try? await worker.shutDown()
      try? await group.shutdownGracefully()
      throw error as? PeerError ?? .cannotListen(configuration.listen, reason: bindFailure(error))
    }
  }

  /// What it has done so far.
  package var metrics: PeerMetrics {
    counter.snapshot
  }

  /// Reads the bundles and the files for TLS anew, which takes its time; where they are of no use, the old ones stay.
  package func reload() {
    certificates?.reload()
    library.reload()
  }

  /// Serves until a graceful shutdown or a cancellation.
  package func run() async throws {
    library.announce()
    if let metricsAddress { logger.info("showing metrics", metadata: ["address": "\(metricsAddress)"]) }
    logger.info("listening", metadata: ["address": "\(address)"])
    try? await gracefulShutdown()
    try await drain()
  }

  private func drain() async throws {
    logger.info("draining")
    try? await listener.close()
    let channels = connections.drain()
    let patience = group.next().scheduleTask(in: .seconds(Int64(configuration.drainSeconds))) {
      for channel in channels { channel.close(promise: nil) }
    }
    for channel in channels { channel.pipeline.fireUserInboundEventTriggered(DrainEvent()) }
    for channel in channels { try? await channel.closeFuture.get() }
    patience.cancel()
    try await worker.shutDown()
    try await group.shutdownGracefully()
    logMetrics()
  }

  private func logMetrics() {
    let metrics = metrics
    for (name, device) in metrics.devices.sorted(by: { $0.key < $1.key }) {
      logger.info(
        "served",
        metadata: [
          "client": "\(name)", "connections": "\(device.connections)", "answers": "\(device.answers)", "failures": "\(device.failures)",
          "refusals": "\(device.refusals)",
        ])
    }
    logger.info(
      "stopped",
      metadata: [
        "connections": "\(metrics.connections)", "refused": "\(metrics.refusedConnections)",
        "handshakes-failed": "\(metrics.failedHandshakes)", "requests": "\(metrics.requests)",
        "requests-refused": "\(metrics.refusedRequests)", "answers": "\(metrics.answers)",
        "failures": "\(metrics.failures)", "unknown": "\(metrics.unknown)", "cache-hits": "\(metrics.cacheHits)",
        "cache-misses": "\(metrics.cacheMisses)", "batches": "\(metrics.batches.count)", "bytes-in": "\(metrics.bytesIn)",
        "bytes-out": "\(metrics.bytesOut)",
      ])
  }
}

/// Why a listener could not be bound, in the system's words.
func bindFailure(_ error: any Error) -> String {
  (error as? IOError).map { systemMessage($0.errnoCode) } ?? "\(error)"
}

extension PeerServer {
  /// As many devices may knock at once as may be served: after a restart they do.
  private static func serverBootstrap(
    _ group: MultiThreadedEventLoopGroup, backlog: Int, _ initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) -> ServerBootstrap {
    ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: Int32(clamping: backlog))
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      .childChannelOption(.maxMessagesPerRead, value: 4)
      .childChannelOption(.writeBufferWaterMark, value: .init(low: 16 << 10, high: 64 << 10))
      .childChannelInitializer(initializer)
  }
}
