/// How often a model is right with each subset of its modalities: seven of three.
package struct SubsetAccuracy: Hashable, Sendable {
  package struct Line: Hashable, Sendable {
    /// In the model's order.
    package let modalities: [String]
    package fileprivate(set) var correct = 0
    package fileprivate(set) var count = 0

    /// Nil where nothing was counted.
    package var accuracy: Double? { count > 0 ? Double(correct) / Double(count) : nil }
  }

  /// Every subset but the empty one: those of one modality first, all of them last.
  package private(set) var lines: [Line]

  /// Of up to 16 modalities.
  package init(modalities: [String]) {
    precondition(modalities.count <= 16)
    let subsets = (1..<1 << modalities.count).map { bits in modalities.indices.filter { bits >> $0 & 1 == 1 } }
    let ordered = subsets.sorted { $0.count != $1.count ? $0.count < $1.count : $0.lexicographicallyPrecedes($1) }
    lines = ordered.map { Line(modalities: $0.map { modalities[$0] }) }
  }

  /// Counts answers of a subset, in any order of names, which must be one of the model's.
  package mutating func add(_ hits: [Bool], with modalities: Set<String>) {
    guard let place = lines.firstIndex(where: { Set($0.modalities) == modalities }) else {
      preconditionFailure("\(modalities.sorted()) are no subset of the model's modalities")
    }
    lines[place].correct += hits.count { $0 }
    lines[place].count += hits.count
  }
}
