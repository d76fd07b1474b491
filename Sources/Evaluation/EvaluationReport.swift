import JSONFormat

/// What an evaluation found, for people and for programs.
package struct EvaluationReport: Hashable, Sendable {
  package struct Line: Hashable, Sendable {
    /// What was measured: "image → text", "image+sound".
    package let subject: String
    /// How: "recall@5", "accuracy".
    package let measure: String
    package let value: Double
    /// Between what bounds it lies, where that is known.
    package let interval: ClosedRange<Double>?
    /// Over how many examples.
    package let count: Int
  }

  package let title: String
  package private(set) var lines: [Line] = []

  package init(_ title: String) { self.title = title }

  package mutating func add(_ subject: String, _ measure: String, _ value: Double, of count: Int, interval: ClosedRange<Double>? = nil) {
    lines.append(Line(subject: subject, measure: measure, value: value, interval: interval, count: count))
  }

  /// Both directions of retrieval.
  package mutating func add(_ retrieval: MutualRetrieval, _ a: String, _ b: String, at counts: [Int] = [1, 5, 10]) {
    for (subject, direction) in [("\(a) → \(b)", retrieval.forward), ("\(b) → \(a)", retrieval.backward)] {
      for count in counts { add(subject, "recall@\(count)", direction.recall(at: count), of: direction.ranks.count) }
    }
  }

  /// How often the target is among the likeliest few, each with its interval.
  package mutating func add(_ accuracy: Accuracy, _ subject: String, top counts: [Int] = [1, 5]) {
    guard !accuracy.ranks.isEmpty else { return }
    for count in counts {
      let interval = BootstrapInterval(accuracy.hits(top: count)).bounds
      add(subject, "top-\(count)", accuracy.top(count), of: accuracy.ranks.count, interval: interval)
    }
  }

  /// The subsets that were counted.
  package mutating func add(_ subsets: SubsetAccuracy) {
    for line in subsets.lines {
      if let accuracy = line.accuracy { add(line.modalities.joined(separator: "+"), "accuracy", accuracy, of: line.count) }
    }
  }
}

extension EvaluationReport {
  /// The title, and a table.
  package var table: String {
    let header = ["", "measure", "value", "95 %", "examples"]
    let rows = lines.map { line in
      let interval = line.interval.map { "\($0.lowerBound.decimal(4)) – \($0.upperBound.decimal(4))" } ?? ""
      return [line.subject, line.measure, line.value.decimal(4), interval, "\(line.count)"]
    }
    return title + "\n" + TextTable(header, rows, words: 2).text
  }

  /// One JSON object.
  package var json: String {
    let lines = lines.map { line in
      var members: [Json.Member] = [
        .init(key: "subject", value: .string(line.subject)), .init(key: "measure", value: .string(line.measure)),
        .init(key: "value", value: .number(line.value)), .init(key: "examples", value: .integer(line.count)),
      ]
      if let interval = line.interval {
        members.append(.init(key: "interval", value: .array([.number(interval.lowerBound), .number(interval.upperBound)])))
      }
      return Json.object(members)
    }
    return Json.object([.init(key: "title", value: .string(title)), .init(key: "measures", value: .array(lines))]).text
  }
}
