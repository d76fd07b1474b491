import Evaluation

/// How far a training is and how fast, as people read it. It knows no clock: times are seconds from any beginning.
package struct TrainingProgress: Sendable {
  /// What is kept of the past with every step.
  private static let decay = 0.95
  private static let width = 24

  package let steps: Int
  private var done: Int
  private var time: Double
  /// Decaying sums over the steps: of ones, of losses, seconds and samples.
  private var sums = (steps: 0.0, loss: 0.0, seconds: 0.0, samples: 0.0)

  /// Of so many steps, some of which are done.
  package init(steps: Int, done: Int = 0, at time: Double) {
    self.steps = steps
    self.done = done
    self.time = time
  }

  /// A step has been made.
  package mutating func advance(loss: Double, samples: Int, at time: Double) {
    sums.steps = Self.decay * sums.steps + 1
    sums.loss = Self.decay * sums.loss + loss
    sums.seconds = Self.decay * sums.seconds + max(time - self.time, 0)
    sums.samples = Self.decay * sums.samples + Double(samples)
    self.time = time
    done += 1
  }

  /// The mean loss of the last steps; nil before the first.
  package var loss: Double? { sums.steps > 0 ? sums.loss / sums.steps : nil }

  /// Of the last steps; nil before any time has passed.
  package var samplesPerSecond: Double? { sums.seconds > 0 ? sums.samples / sums.seconds : nil }

  /// Until the last step, as fast as the last ones.
  package var secondsLeft: Double? { sums.seconds > 0 ? Double(max(steps - done, 0)) * sums.seconds / sums.steps : nil }

  /// For a terminal, where it is written over the last.
  package var bar: String {
    let filled = Self.width * min(done, steps) / max(steps, 1)
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
    return ["[\(bar)] \(done)/\(steps)", facts].filter { !$0.isEmpty }.joined(separator: "  ")
  }

  /// For a file, where it stands by itself.
  package var line: String { ["step \(done) of \(steps)", facts].filter { !$0.isEmpty }.joined(separator: "  ") }

  private var facts: String {
    let facts = [
      loss.map { "loss \($0.decimal(4))" },
      samplesPerSecond.map { "\($0.decimal($0 < 10 ? 1 : 0)) samples/s" },
      secondsLeft.map { "\(Self.duration($0)) left" },
    ]
    return facts.compactMap { $0 }.joined(separator: "  ")
  }

  /// As "45 s", "12 min" or "3 h 05 min".
  private static func duration(_ seconds: Double) -> String {
    guard seconds < 100 * 3600 else { return "\((seconds / 86400).decimal(0)) d" }
    let whole = Int(seconds.rounded())
    if whole < 100 { return "\(whole) s" }
    let minutes = (whole + 30) / 60
    guard minutes >= 100 else { return "\(minutes) min" }
    return "\(minutes / 60) h \(minutes % 60 < 10 ? "0" : "")\(minutes % 60) min"
  }
}
