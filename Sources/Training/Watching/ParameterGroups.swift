package import Autograd

/// Parameters that are watched together, such as those of a modality's encoder.
package struct ParameterGroups: Sendable {
  package struct Group: Hashable, Sendable {
    package let name: String
    /// What the names of its parameters begin with.
    package let prefixes: [String]

    package init(name: String, prefixes: [String]) {
      self.name = name
      self.prefixes = prefixes
    }
  }

  /// Of the groups with parameters that are trained.
  package let names: [String]
  /// The group of each entry of the layout; nil for one that is not trained.
  private let places: [Int?]

  /// The first group that fits a parameter counts; those that none fits are a group `rest`.
  package init(_ layout: ParameterLayout, _ groups: [Group], rest: String = "rest") {
    let owners = layout.entries.map { entry -> String? in
      guard entry.isTrained else { return nil }
      return groups.first { $0.prefixes.contains(where: entry.name.hasPrefix) }?.name ?? rest
    }
    let names = (groups.map(\.name) + [rest]).filter(owners.contains)
    self.names = names
    places = owners.map { owner in owner.flatMap(names.firstIndex) }
  }

  /// What each group's entries add up to, from numbers of the layout's entries.
  package func sums(_ numbers: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: names.count)
    for (number, place) in zip(numbers, places) {
      if let place { sums[place] += number }
    }
    return sums
  }

  /// The places in the layout of a group's entries.
  package func entries(of name: String) -> [Int] {
    guard let group = names.firstIndex(of: name) else { return [] }
    return places.indices.filter { places[$0] == group }
  }
}
