import NIOCore
import Wire

/// Tells a connection that gets no session why, and closes it. It holds nothing and waits for nobody longer than a moment.
final class TurnAwayHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let code: PeerErrorCode
  private let bundle: BundlePrefix

  init(code: PeerErrorCode, bundle: BundlePrefix) {
    self.code = code
    self.bundle = bundle
  }

  func channelActive(context: ChannelHandlerContext) {
    let frame = ErrorReply.frame(code, session: 0, request: 0, bundle: bundle)
    let sent = context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: frame.encoded)))
    context.closeGently(after: sent)
    context.fireChannelActive()
  }

  /// The hello that the device sent unasked: reading it keeps the close from destroying the reply.
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}

extension ChannelHandlerContext {
  /// Says that no more will come once `lastWrite` is out, and goes when the device has gone or half a second is over: closing at once
  /// while the device still sends could destroy the last frame on its way.
  func closeGently(after lastWrite: EventLoopFuture<Void>) {
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    eventLoop.scheduleTask(in: .milliseconds(500)) { bound.value.close(promise: nil) }
    lastWrite.whenComplete { _ in bound.value.close(mode: .output, promise: nil) }
  }
}
