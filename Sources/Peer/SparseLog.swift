import Logging
import Split
import Synchronization

/// Lines of one kind about whoever connects, at most one a second, so that nobody can fill the log; each tells how many were left out.
final class SparseLog: Sendable {
  private struct State {
    var next = Moment(nanoseconds: .min)
    var leftOut = 0
  }

  private let logger: Logger
  private let message: Logger.Message
  private let state = Mutex(State())

  init(_ message: Logger.Message, logger: Logger) {
    self.message = message
    self.logger = logger
  }

  func write(_ metadata: Logger.Metadata) {
    let leftOut = state.withLock { state -> Int? in
      let now = Moment.now
      guard now >= state.next else {
        state.leftOut += 1
        return nil
      }
      state.next = now.adding(milliseconds: 1_000)
      defer { state.leftOut = 0 }
      return state.leftOut
    }
    guard let leftOut else { return }
    logger.info(message, metadata: metadata.merging(["left-out": "\(leftOut)"]) { _, new in new })
  }
}
