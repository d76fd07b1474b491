import Foundation

/// How far a long command is, on the standard error: on a terminal a bar that is written over and over, elsewhere a line every so often.
struct StatusLine {
  /// Between lines that stay.
  private static let interval = Duration.seconds(20)

  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let clock = ContinuousClock()
  private var last: ContinuousClock.Instant

  init() { last = clock.now }

  /// `bar` is for a terminal, `line` for a file.
  mutating func show(bar: String, line: String) {
    if isTerminal { return write("\r\u{1B}[K\(bar)") }
    guard clock.now - last >= Self.interval else { return }
    last = clock.now
    write("\(line)\n")
  }

  /// A line that stays.
  func say(_ line: String) {
    end()
    write("\(line)\n")
  }

  /// Clears the bar.
  func end() {
    if isTerminal { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
