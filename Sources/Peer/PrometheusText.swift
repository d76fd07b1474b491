/// Writes metrics in Prometheus' text format, version 0.0.4, each with `tributary_` before its name.
struct PrometheusText {
  typealias Labels = [(name: String, value: String)]

  enum Kind: String {
    case counter, gauge, histogram
  }

  private(set) var text = ""

  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
    add(name, kind, help, [([], value)])
  }

  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [(labels: Labels, value: Int)]) {
    head(name, kind, help)
    for sample in samples { line(name, sample.labels, "\(sample.value)") }
  }

  /// Histograms of numbers of which `unit` make one of what is shown.
  mutating func add(_ name: String, _ help: String, unit: Double, _ histograms: [(labels: Labels, numbers: Histogram)]) {
    head(name, .histogram, help)
    for (labels, numbers) in histograms {
      var below = 0
      for (bound, count) in zip(numbers.bounds, numbers.counts) {
        below += count
        line(name + "_bucket", labels + [("le", "\(Double(bound) / unit)")], "\(below)")
      }
      line(name + "_bucket", labels + [("le", "+Inf")], "\(numbers.count)")
      line(name + "_sum", labels, "\(Double(numbers.sum) / unit)")
      line(name + "_count", labels, "\(numbers.count)")
    }
  }

  private mutating func head(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP tributary_\(name) \(help)\n# TYPE tributary_\(name) \(kind.rawValue)\n"
  }

  private mutating func line(_ name: String, _ labels: Labels, _ value: String) {
    let list = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
    text += "tributary_\(name)\(list.isEmpty ? "" : "{\(list)}") \(value)\n"
  }

  private static func escaped(_ value: String) -> String {
    value.unicodeScalars.map { scalar in
      switch scalar {
      case "\\": "\\\\"
      case "\"": "\\\""
      case "\n": "\\n"
      default: String(scalar)
      }
    }.joined()
  }
}
