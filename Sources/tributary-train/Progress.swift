import Foundation

/// A bar on the standard error, where that is a terminal.
struct Progress {
  private static let width = 30

  private let title: String
  private let total: Int
  private let isShown = isatty(STDERR_FILENO) == 1
  private var done = 0

  init(_ title: String, of total: Int) {
    self.title = title
    self.total = max(1, total)
    show()
  }

  mutating func advance() {
    done += 1
    show()
  }

  /// Clears the line.
  func end() { write("\r\u{1B}[K") }

  private func show() {
    let filled = Self.width * min(done, total) / total
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
    write("\r\(title) [\(bar)] \(100 * min(done, total) / total) %")
  }

  private func write(_ text: String) {
    if isShown { FileHandle.standardError.write(Data(text.utf8)) }
  }
}
