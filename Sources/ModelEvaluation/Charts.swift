import Evaluation
import Glibc

/// The colours of what a chart compares.
private let colours = ["#3366cc", "#dc7633", "#2a9d6f", "#a04ca0", "#b8860b", "#666666"]

private func colour(_ place: Int) -> String { colours[place % colours.count] }

/// What the colours stand for, one below the other.
private func legend(_ names: [String], x: Int, y: Int) -> String {
  names.enumerated().map { place, name in
    let line = y + 18 * place
    return "<rect x=\"\(x)\" y=\"\(line - 10)\" width=\"12\" height=\"12\" fill=\"\(colour(place))\"/>"
      + "<text x=\"\(x + 18)\" y=\"\(line)\">\(name.escaped)</text>"
  }.joined()
}

/// Shares of 0 to 1, groups below each other.
struct BarChart {
  struct Group {
    let name: String
    /// One of each series; nil where it has none.
    let values: [Double?]
  }

  let series: [String]
  let groups: [Group]

  var svg: String {
    let (left, width, bar) = (300, 480, 12)
    let rise = max(1, series.count) * bar + 10
    let top = 18 * series.count + 16
    var body = legend(series, x: left, y: 14)
    for (place, group) in groups.enumerated() {
      let y = top + place * rise
      body += "<text x=\"\(left - 8)\" y=\"\(y + rise / 2)\" text-anchor=\"end\">\(group.name.escaped)</text>"
      for (index, value) in group.values.enumerated() {
        guard let value else { continue }
        let length = max(1, Int(Double(width) * value))
        body += "<rect x=\"\(left)\" y=\"\(y + index * bar)\" width=\"\(length)\" height=\"\(bar - 2)\" fill=\"\(colour(index))\"/>"
        body += "<text x=\"\(left + length + 5)\" y=\"\(y + index * bar + bar - 2)\">\((100 * value).decimal(1))</text>"
      }
    }
    let height = top + groups.count * rise + 10
    return "<svg viewBox=\"0 0 840 \(height)\" width=\"840\">\(body)</svg>"
  }
}

/// Points joined by lines; y from 0 to 1.
struct LineChart {
  struct Line {
    let name: String
    let points: [(x: Double, y: Double)]
  }

  let x: String
  let y: String
  /// Whether x is drawn by its logarithm; else it goes from 0 to 1.
  let isLogarithmic: Bool
  let lines: [Line]
  /// Places on the x axis with a name.
  let marks: [(name: String, x: Double)]

  private static let frame = (left: 60.0, top: 20.0, width: 520.0, height: 300.0)

  private var bounds: (low: Double, high: Double) {
    guard isLogarithmic else { return (0, 1) }
    let all = (lines.flatMap(\.points).map(\.x) + marks.map(\.x)).filter { $0 > 0 }
    return (log10(all.min() ?? 1).rounded(.down), log10(all.max() ?? 10).rounded(.up))
  }

  private func place(_ point: (x: Double, y: Double)) -> (x: Double, y: Double) {
    let value = isLogarithmic ? log10(max(point.x, 1e-9)) : point.x
    let (low, high) = bounds
    let share = high > low ? (value - low) / (high - low) : 0.5
    return (Self.frame.left + share * Self.frame.width, Self.frame.top + (1 - point.y) * Self.frame.height)
  }

  private func text(_ words: String, _ x: Double, _ y: Double, _ anchor: String = "middle") -> String {
    "<text x=\"\(x.decimal(1))\" y=\"\(y.decimal(1))\" text-anchor=\"\(anchor)\">\(words.escaped)</text>"
  }

  private var axes: String {
    let frame = Self.frame
    let bottom = frame.top + frame.height
    var body = "<path d=\"M\(frame.left) \(frame.top)V\(bottom)H\(frame.left + frame.width)\" stroke=\"#999\" fill=\"none\"/>"
    for tenth in stride(from: 0, through: 10, by: 2) {
      let y = place((1, Double(tenth) / 10)).y
      body +=
        "<path d=\"M\(frame.left) \(y.decimal(1))h\(frame.width)\" stroke=\"#eee\"/>"
        + text("\(10 * tenth) %", frame.left - 8, y + 4, "end")
    }
    let (low, high) = bounds
    let ticks = isLogarithmic ? stride(from: low, through: high, by: 1).map { pow(10, $0) } : [0, 0.2, 0.4, 0.6, 0.8, 1]
    for tick in ticks { body += text(tick.decimal(isLogarithmic ? 0 : 1), place((tick, 0)).x, bottom + 18) }
    return body + text(x, frame.left + frame.width / 2, bottom + 38) + text(y, frame.left - 8, frame.top - 8, "end")
  }

  var svg: String {
    let frame = Self.frame
    var body = axes
    for (index, line) in lines.enumerated() {
      let points = line.points.map { place($0) }
      let path = points.map { "\($0.x.decimal(1)),\($0.y.decimal(1))" }.joined(separator: " ")
      body += "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(colour(index))\" stroke-width=\"2\"/>"
      for point in points {
        body += "<circle cx=\"\(point.x.decimal(1))\" cy=\"\(point.y.decimal(1))\" r=\"3\" fill=\"\(colour(index))\"/>"
      }
    }
    for mark in marks {
      let x = place((mark.x, 0)).x
      body += "<path d=\"M\(x.decimal(1)) \(frame.top)v\(frame.height)\" stroke=\"#c33\" stroke-dasharray=\"4 4\"/>"
      body += text(mark.name, x - 6, frame.top + 12, "end")
    }
    body += legend(lines.map(\.name), x: Int(frame.left + frame.width) + 20, y: 30)
    return "<svg viewBox=\"0 0 860 370\" width=\"860\">\(body)</svg>"
  }
}
