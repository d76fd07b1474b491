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
  private let configuration: PeerConfiguration
  private let logger: Logger

  /// Where it listens, with the port that the system chose for port 0.
  package let address: ListenAddress

  /// Starts to listen and to serve.
  package static func bind(model: any FusionModel, configuration: PeerConfiguration, logger: Logger) async throws(PeerError) -> PeerServer {
    let address = try configuration.listen.resolved()
    guard address.isLoopback || configuration.allowsInsecureRemote else { throw .remoteWithoutCredentials(configuration.listen) }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.eventLoops))
    let connections = Connections(limit: configuration.maximumConnections)
    let worker = InferenceWorker(model: model, logger: logger)
    let counter = MetricsCounter()
    let bootstrap = serverBootstrap(group) { channel in
      greet(channel, model.contract, configuration, connections, worker, counter)
    }
    do {
      let listener = try await bootstrap.bind(to: address).get()
      return PeerServer(listener, group, connections, worker, counter, configuration, logger)
    } catch {
      try? await worker.shutDown()
      try? await group.shutdownGracefully()
      throw .cannotListen(configuration.listen, reason: (error as? IOError).map { systemMessage($0.errnoCode) } ?? "\(error)")
    }
  }

  private init(
    _ listener: any Channel, _ group: MultiThreadedEventLoopGroup, _ connections: Connections, _ worker: InferenceWorker,
    _ counter: MetricsCounter, _ configuration: PeerConfiguration, _ logger: Logger
  ) {
    self.listener = listener
    self.group = group
    self.connections = connections
    self.worker = worker
    self.counter = counter
    self.configuration = configuration
    self.logger = logger
    address = ListenAddress(
      host: configuration.listen.host, port: UInt16(clamping: listener.localAddress?.port ?? Int(configuration.listen.port)))
  }

  /// What it has done so far.
  package var metrics: PeerMetrics {
    counter.snapshot
  }

  /// Serves until a graceful shutdown or a cancellation.
  package func run() async throws {
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
    logger.info(
      "stopped",
      metadata: [
        "connections": "\(metrics.connections)", "refused": "\(metrics.refusedConnections)", "requests": "\(metrics.requests)",
        "answers": "\(metrics.answers)", "failures": "\(metrics.failures)", "misses": "\(metrics.misses)",
        "bytes-in": "\(metrics.bytesIn)",
        "bytes-out": "\(metrics.bytesOut)",
      ])
  }
}

extension PeerServer {
  private static func serverBootstrap(
    _ group: MultiThreadedEventLoopGroup, _ initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) -> ServerBootstrap {
    ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      .childChannelOption(.maxMessagesPerRead, value: 4)
      .childChannelOption(.writeBufferWaterMark, value: .init(low: 16 << 10, high: 64 << 10))
      .childChannelInitializer(initializer)
  }

  /// Gives a new connection its session, or the reason why it gets none.
  private static func greet(
    _ channel: any Channel, _ contract: BundleContract, _ configuration: PeerConfiguration, _ connections: Connections,
    _ worker: InferenceWorker, _ counter: MetricsCounter
  ) -> EventLoopFuture<Void> {
    switch connections.admit(channel) {
    case .serve(let number):
      counter.update { $0.connections += 1 }
      return channel.eventLoop.makeCompletedFuture {
        let session = PeerSession(catalog: [contract], settings: configuration.session, session: number, now: .now)
        let handler = SessionHandler(session: session, worker: worker, metrics: counter)
        try channel.pipeline.syncOperations.addHandler(handler)
      }
    case .tooMany:
      counter.update { $0.refusedConnections += 1 }
      return turnAway(channel, .busy, contract)
    case .draining:
      return turnAway(channel, .draining, contract)
    }
  }

  private static func turnAway(_ channel: any Channel, _ code: PeerErrorCode, _ contract: BundleContract) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(TurnAwayHandler(code: code, bundle: contract.hash.prefix))
    }
  }
}
