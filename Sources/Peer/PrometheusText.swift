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

  /// A histogram of times, in seconds.
  mutating func add(_ name: String, _ help: String, _ histograms: [(labels: Labels, times: LatencyHistogram)]) {
    head(name, .histogram, help)
    for (labels, times) in histograms {
      var sum = 0
      for (bound, count) in zip(LatencyHistogram.bounds, times.counts) {
        sum += count
        line(name + "_bucket", labels + [("le", "\(Self.seconds(bound))")], "\(sum)")
      }
      line(name + "_bucket", labels + [("le", "+Inf")], "\(times.count)")
      line(name + "_sum", labels, "\(Self.seconds(times.microseconds))")
      line(name + "_count", labels, "\(times.count)")
    }
  }

  private mutating func head(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP tributary_\(name) \(help)\n# TYPE tributary_\(name) \(kind.rawValue)\n"
  }

  private mutating func line(_ name: String, _ labels: Labels, _ value: String) {
    let list = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
    text += "tributary_\(name)\(list.isEmpty ? "" : "{\(list)}") \(value)\n"
  }

  private static func seconds(_ microseconds: Int64) -> Double { Double(microseconds) / 1_000_000 }

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
