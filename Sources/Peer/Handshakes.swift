import Logging
import NIOCore
import NIOSSL
import Synchronization

/// The TLS handshakes under way. Whoever is slow makes room: where there are too many, the one that began first is dropped, so that
/// connections that are opened and left alone keep no device out.
final class Handshakes: Sendable {
  private struct State {
    /// In the order in which they began.
    var channels: [(number: UInt64, channel: any Channel)] = []
    var last: UInt64 = 0
  }

  private let limit: Int
  private let patience: UInt32
  private let counter: MetricsCounter
  private let failures: SparseLog
  private let state = Mutex(State())

  init(limit: Int, patience milliseconds: UInt32, counter: MetricsCounter, logger: Logger) {
    self.limit = limit
    patience = milliseconds
    self.counter = counter
    failures = SparseLog("a TLS handshake failed", logger: logger)
  }

  /// Begins the handshake of a new channel; `greet` takes the connection over once it is done.
  func begin(on channel: any Channel, _ context: NIOSSLContext, greet: @escaping (Client) throws -> Void) throws {
    let (number, dropped) = enter(channel)
    dropped?.close(promise: nil)
    channel.closeFuture.whenComplete { _ in self.leave(number) }
    let handler = HandshakeHandler(patience: patience) { outcome in
      self.leave(number)
      switch outcome {
      case .success(let client): try greet(client)
      case .failure(let failure):
        self.counter.update { $0.failedHandshakes += 1 }
        self.failures.write(["address": "\(channel.remoteAddress?.ipAddress ?? "unknown")", "reason": "\(failure)"])
      }
    }
    try channel.pipeline.syncOperations.addHandlers(NIOSSLServerHandler(context: context), handler)
  }

  private func enter(_ channel: any Channel) -> (number: UInt64, dropped: (any Channel)?) {
    state.withLock { state in
      state.last += 1
      state.channels.append((state.last, channel))
      return (state.last, state.channels.count > limit ? state.channels.removeFirst().channel : nil)
    }
  }

  private func leave(_ number: UInt64) {
    state.withLock { state in
      guard let place = state.channels.firstIndex(where: { $0.number == number }) else { return }
      state.channels.remove(at: place)
    }
  }
}
