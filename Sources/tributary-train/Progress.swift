/// How much of a count is done.
struct Progress {
  private static let width = 30

  private let title: String
  private let total: Int
  private var status = StatusLine()
  private var done = 0

  init(_ title: String, of total: Int) {
    self.title = title
    self.total = max(1, total)
    show()
  }

  mutating func advance(by steps: Int = 1) {
    done += steps
    show()
  }

  func end() { status.end() }

  private mutating func show() {
    let filled = Self.width * min(done, total) / total
    let percent = "\(100 * min(done, total) / total) %"
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
    status.show(bar: "\(title) [\(bar)] \(percent)", line: "\(title): \(percent)")
  }
}
