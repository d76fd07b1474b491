import Split
import Synchronization

/// What waits for the model, and about how long that takes. Any thread may ask.
final class Backlog: Sendable {
  private struct State {
    /// Not answered yet.
    var requests: Int64 = 0
    /// That the model takes for a request, smoothed: of a batch, each its part.
    var nanoseconds: Int64 = 0
    /// That requests of a kind lately took at most.
    var longest: [BatchKind: Int64] = [:]
  }

  /// What is brief: for so long the thread of the network may run a request itself, whose frames wait meanwhile. Waking the model's thread,
  /// and being woken by it, would take longer than much of the protocol.
  private static let briefNanoseconds: Int64 = 5_000_000

  /// A run counts as this part of the smoothed time, as in RFC 6298.
  private static let weight: Int64 = 8

  private let longestMilliseconds: Int64
  private let state = Mutex(State())

  init(longestMilliseconds: UInt32) {
    self.longestMilliseconds = Int64(longestMilliseconds)
  }

  var requests: Int { state.withLock { Int($0.requests) } }

  /// Nanoseconds that a request takes, about.
  var pace: Int64 { state.withLock { $0.nanoseconds } }

  /// Milliseconds that a request would wait now; nil beyond the longest queue.
  var wait: UInt16? {
    let milliseconds = state.withLock { $0.requests * $0.nanoseconds } / 1_000_000
    return milliseconds > longestMilliseconds ? nil : UInt16(clamping: milliseconds)
  }

  /// Whether there is room for a request that would be answered by its deadline, as far as one can tell. Where nothing waits there is, so
  /// that a time that once was long is measured anew.
  func hasRoom(until deadline: Moment, now: Moment) -> Bool {
    let (requests, time) = state.withLock { ($0.requests, $0.nanoseconds) }
    let wait = requests * time
    return requests == 0 || wait <= longestMilliseconds * 1_000_000 && wait + time <= deadline.nanoseconds - now.nanoseconds
  }

  /// Whether one request is under way, of that kind, and it is likely to be brief.
  func isBrief(_ kind: BatchKind) -> Bool {
    state.withLock { $0.requests == 1 && $0.longest[kind].map { $0 <= Self.briefNanoseconds } ?? false }
  }

  func begin() {
    state.withLock { $0.requests += 1 }
  }

  func end() {
    state.withLock { $0.requests -= 1 }
  }

  /// The model has taken so long for a request of that kind.
  func measured(_ kind: BatchKind, nanoseconds: Int64) {
    state.withLock {
      $0.nanoseconds += $0.nanoseconds == 0 ? nanoseconds : (nanoseconds - $0.nanoseconds) / Self.weight
      let longest = $0.longest[kind] ?? 0
      $0.longest[kind] = max(nanoseconds, longest - longest / Self.weight)
    }
  }
}
