import NIOCore
import Split
import Wire

/// Told to every connection when the peer shuts down.
struct DrainEvent: Sendable {}

/// One connection: carries events to a `PeerSession` and does what it answers.
final class SessionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var session: PeerSession
  /// What the session was offered.
  private let models: [any FusionModel]
  private let client: Client
  private let connections: Connections
  private let worker: InferenceWorker
  private let metrics: MetricsCounter
  private let ticket: JobTicket
  private var timer: (due: Moment, task: Scheduled<Void>)?
  private var lastWrite: EventLoopFuture<Void>?

  init(
    session: PeerSession, models: [any FusionModel], client: Client, connections: Connections, worker: InferenceWorker,
    metrics: MetricsCounter
  ) {
    self.session = session
    self.models = models
    self.client = client
    self.connections = connections
    self.worker = worker
    self.metrics = metrics
    ticket = JobTicket(client: client)
  }

  func channelActive(context: ChannelHandlerContext) {
    setTimer(context)
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    metrics.update { $0.bytesIn += bytes.readableBytes }
    session.wait = worker.backlog.wait
    perform(session.received(bytes.readableBytesUInt8Span, now: .now), context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    session.closed()
    ticket.cancel()
    timer?.task.cancel()
    context.fireChannelInactive()
  }

  /// A device that sends and does not read is not read from either.
  func channelWritabilityChanged(context: ChannelHandlerContext) {
    context.channel.setOption(.autoRead, value: context.channel.isWritable).whenFailure { _ in }
    context.fireChannelWritabilityChanged()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event is DrainEvent else { return context.fireUserInboundEventTriggered(event) }
    perform(session.drain(now: .now), context)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}

extension SessionHandler {
  private func perform(_ actions: [PeerAction], _ context: ChannelHandlerContext) {
    let told = session.takeTold()
    if !told.isEmpty { metrics.update { metrics in for code in told { metrics.errors[code, default: 0] += 1 } } }
    for action in actions {
      switch action {
      case .send(let bytes): send(bytes, context)
      case .run(let job): run(job, context)
      case .close: close(context)
      }
    }
    setTimer(context)
  }

  private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
    metrics.update { $0.bytesOut += bytes.count }
    lastWrite = context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)))
  }

  private func run(_ job: PeerJob, _ context: ChannelHandlerContext) {
    guard let model = models.first(where: { $0.contract.hash == job.bundle }) else {
      preconditionFailure("a job's bundle is one of those that its session was offered")
    }
    let split = ServedSplit(bundle: job.bundle.prefix, split: model.contract.name(ofSplit: job.split))
    let origin = RequestOrigin(client: client, split: split, since: .now)
    if let outcome = worker.recall(job) {
      metrics.count(outcome, of: origin)
      return finish(job, outcome, context)
    }
    guard worker.backlog.hasRoom(until: job.deadline, now: .now) else { return refuse(job, context) }
    let bytes = bytesHeld(by: job)
    guard connections.beginRequest(of: client, bytes: bytes) else { return refuse(job, context) }
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let (client, connections, metrics) = (client, connections, metrics)
    worker.submit(job, on: model, ticket, loop: context.eventLoop) { outcome in
      connections.endRequest(of: client, bytes: bytes)
      metrics.count(outcome, of: origin)
      bound.eventLoop.execute {
        let (handler, context) = bound.value
        handler.finish(job, outcome, context)
      }
    }
  }

  /// What came, what that becomes, and the largest answer.
  private func bytesHeld(by job: PeerJob) -> Int {
    let answer = session.contract.map { $0.resultBytes(sequence: $0.maximumSequence, present: job.present) } ?? 0
    return job.features.bytes.count + job.featureBytes + answer
  }

  private func finish(_ job: PeerJob, _ outcome: Result<PeerResult, PeerErrorCode>, _ context: ChannelHandlerContext) {
    session.wait = worker.backlog.wait
    perform(session.finished(request: job.request, outcome, now: .now), context)
  }

  /// A device is told where it has as much under way as it may, or where the peer would not come to its request in time.
  private func refuse(_ job: PeerJob, _ context: ChannelHandlerContext) {
    metrics.update { $0.refusedRequests += 1 }
    metrics.update(client) { $0.refusals += 1 }
    finish(job, .failure(.busy), context)
  }

  private func close(_ context: ChannelHandlerContext) {
    ticket.cancel()
    guard let lastWrite else { return context.close(promise: nil) }
    context.closeGently(after: lastWrite)
  }

  /// Sees to it that the session is called when it wants to be; an earlier call does no harm.
  private func setTimer(_ context: ChannelHandlerContext) {
    guard let due = session.wakeUp, timer.map({ due < $0.due }) ?? true else { return }
    timer?.task.cancel()
    let deadline = NIODeadline.uptimeNanoseconds(UInt64(clamping: due.nanoseconds))
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let task = context.eventLoop.scheduleTask(deadline: deadline) {
      let (handler, context) = bound.value
      handler.timer = nil
      handler.perform(handler.session.tick(now: .now), context)
    }
    timer = (due, task)
  }
}
