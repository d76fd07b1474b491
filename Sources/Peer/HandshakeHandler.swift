import NIOCore
import NIOSSL
import NIOTLS

/// Why a connection got no session.
enum HandshakeFailure: Error, Sendable, CustomStringConvertible {
  case tooSlow
  case gone
  case broken(reason: String)

  var description: String {
    switch self {
    case .tooSlow: "it took too long"
    case .gone: "the connection ended before"
    case .broken(let reason): reason
    }
  }
}

/// Stands behind the TLS handler until the handshake is over, and only then lets the handlers behind it know that there is a connection.
final class HandshakeHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let patience: TimeAmount
  /// Called once, with who it is or why nothing came of it.
  private let finish: (Result<Client, HandshakeFailure>) throws -> Void
  private var timer: Scheduled<Void>?
  private var isOver = false

  init(patience milliseconds: UInt32, finish: @escaping (Result<Client, HandshakeFailure>) throws -> Void) {
    patience = .milliseconds(Int64(milliseconds))
    self.finish = finish
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(in: patience) {
      let (handler, context) = bound.value
      handler.fail(.tooSlow, context)
    }
  }

  func channelActive(context: ChannelHandlerContext) {}

  func channelInactive(context: ChannelHandlerContext) {
    fail(.gone, context)
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case TLSUserEvent.handshakeCompleted = event, !isOver else { return context.fireUserInboundEventTriggered(event) }
    let certificate = try? context.channel.pipeline.syncOperations.nioSSL_peerCertificate()
    end()
    do {
      try finish(.success(Client(certificate: certificate, address: context.remoteAddress)))
      context.fireChannelActive()
    } catch {
      context.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard !isOver else { return context.fireErrorCaught(error) }
    fail(.broken(reason: Self.reason(error)), context)
  }

  /// The library's name for an error, such as `NO_SHARED_CIPHER`, without the places in its source that it tells as well.
  private static func reason(_ error: any Error) -> String {
    let text = "\(error)"
    guard let start = text.firstRange(of: "OPENSSL_internal:")?.upperBound else { return String(text.prefix { $0 != "(" }) }
    return String(text[start...].prefix { $0.isLetter || $0.isNumber || $0 == "_" })
  }

  private func end() {
    isOver = true
    timer?.cancel()
  }

  private func fail(_ failure: HandshakeFailure, _ context: ChannelHandlerContext) {
    guard !isOver else { return }
    end()
    try? finish(.failure(failure))
    context.close(promise: nil)
  }
}
