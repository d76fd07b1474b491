import Split
import Synchronization
import Wire

/// Answers that the peer has given, under the names of their features. It names features itself, from what it decoded, so that no device
/// can put an answer under the name of another's features. Any thread may ask.
final class AnswerCache: Sendable {
  /// All that an answer follows from.
  struct Key: Sendable, Hashable {
    let bundle: BundleHash
    let split: UInt16
    let sequence: UInt16
    let present: UInt16
    let name: FeatureName

    init(_ job: PeerJob, _ name: FeatureName) {
      bundle = job.bundle
      split = job.split
      sequence = job.sequence
      present = job.present
      self.name = name
    }
  }

  /// What an answer takes beside its bytes and those of its features.
  private static let overhead = 256

  private let answers: Mutex<RecentlyUsed<Key, PeerResult>>
  private let counter: MetricsCounter
  /// Whether it holds anything at all: without room nothing needs a name.
  let isOn: Bool

  /// Room for `limit` bytes of features and answers; 0 turns it off.
  init(limit: Int, counter: MetricsCounter) {
    answers = Mutex(RecentlyUsed(limit: limit))
    isOn = limit > 0
    self.counter = counter
  }

  /// The answer that was given before, if it is still here.
  func answer(to key: Key) -> PeerResult? {
    let answer = answers.withLock { $0.value(for: key) }
    counter.update { if answer != nil { $0.cacheHits += 1 } else { $0.cacheMisses += 1 } }
    return answer
  }

  func insert(_ answer: PeerResult, for key: Key) {
    answers.withLock { $0.insert(answer, for: key, bytes: answer.body.count + answer.features.count + Self.overhead) }
  }
}
