import NIOCore
import NIOHTTP1

/// Answers the first request of a connection and ends it: GET of `/`, for people, `/metrics`, for Prometheus, and `/health`, for whoever
/// starts and stops the peer.
final class MetricsHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let report: @Sendable () -> MetricsReport
  private var request: HTTPRequestHead?
  private var isAnswered = false

  init(report: @escaping @Sendable () -> MetricsReport) {
    self.report = report
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): request = request ?? head
    case .body: break
    case .end:
      guard let request, !isAnswered else { return }
      isAnswered = true
      answer(request, context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    guard request.method == .GET else {
      return send(.methodNotAllowed, "text/plain", "only GET\n", [("allow", "GET")], context)
    }
    switch request.uri.prefix(while: { $0 != "?" }) {
    case "/": send(.ok, "text/html; charset=utf-8", MetricsPage.html, [("content-security-policy", MetricsPage.policy)], context)
    case "/metrics": send(.ok, "text/plain; version=0.0.4; charset=utf-8", report().prometheus, [], context)
    case "/health":
      let isDraining = report().isDraining
      send(isDraining ? .serviceUnavailable : .ok, "text/plain", isDraining ? "draining\n" : "ok\n", [], context)
    default: send(.notFound, "text/plain", "there are /, /metrics and /health\n", [], context)
    }
  }

  private func send(
    _ status: HTTPResponseStatus, _ type: String, _ text: String, _ more: [(String, String)], _ context: ChannelHandlerContext
  ) {
    var headers = HTTPHeaders([
      ("content-type", type), ("content-length", "\(text.utf8.count)"), ("connection", "close"), ("cache-control", "no-store"),
      ("x-content-type-options", "nosniff"),
    ])
    headers.add(contentsOf: more)
    context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
    context.closeGently(after: context.writeAndFlush(wrapOutboundOut(.end(nil))))
  }
}
