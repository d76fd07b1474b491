/// How many samples may be bad.
package struct FaultLimit: Hashable, Sendable {
  /// Of those that were seen, 0 to 1.
  package let share: Double
  /// As long as fewer samples were seen, nothing is said.
  package let minimum: Int

  package init(share: Double = 0.01, minimum: Int = 100) { (self.share, self.minimum) = (share, minimum) }

  /// With at most three decimals.
  var percent: Double { (share * 100_000).rounded() / 1000 }
}

/// Counts samples and their faults, and remembers some of each kind.
package struct FaultTally: Equatable, Sendable {
  package struct Example: Equatable, Sendable {
    package let key: String
    package let fault: SampleFault
  }

  /// How many of a kind are remembered.
  private static let remembered = 3

  /// How many samples were looked at, bad ones included.
  package private(set) var seen = 0
  package private(set) var counts: [SampleFault.Kind: Int] = [:]
  /// The first ones of each kind.
  package private(set) var examples: [Example] = []

  package init() {}

  package var bad: Int { counts.values.reduce(0, +) }

  /// Counts a sample, with the fault that it has.
  package mutating func count(_ key: String, _ fault: SampleFault?) {
    seen += 1
    guard let fault else { return }
    counts[fault.kind, default: 0] += 1
    if counts[fault.kind, default: 0] <= Self.remembered { examples.append(Example(key: key, fault: fault)) }
  }

  /// - Throws: `tooManyFaults` where the share of bad samples is above the limit; `isOver` where no more come, however few there were.
  package func check(_ limit: FaultLimit, isOver: Bool = false) throws(DatasetError) {
    guard bad > 0, isOver || seen >= limit.minimum else { return }
    if Double(bad) > limit.share * Double(seen) { throw .tooManyFaults(self, limit: limit) }
  }

  /// As `2 × damaged picture (a17: there are no bytes; …)`.
  package var summary: String {
    let parts = SampleFault.Kind.allCases.compactMap { kind -> String? in
      guard let count = counts[kind] else { return nil }
      let named = examples.filter { $0.fault.kind == kind }.map { "\($0.key): \($0.fault)" }.joined(separator: "; ")
      return "\(count) × \(kind.rawValue) (\(named)\(count > Self.remembered ? "; …" : ""))"
    }
    return parts.joined(separator: ", ")
  }
}
