/// A directory with a set of samples: `dataset.json` and the shards of its splits.
package struct DatasetDirectory: Sendable {
  package static let descriptionName = "dataset.json"
  private static let longestDescription = 1 << 26

  package let path: String
  package let description: DatasetDescription

  package init(_ path: String) throws(DatasetError) {
    let file = path + "/" + Self.descriptionName
    self.path = path
    description = try DatasetDescription(parsing: contents(of: file, limit: Self.longestDescription), file: file)
  }

  /// The paths of a split's shards.
  package func shards(of split: String) throws(DatasetError) -> [String] {
    guard let found = description.splits.first(where: { $0.name == split }) else {
      throw .unknownSplit(split, known: description.splits.map(\.name))
    }
    return (0..<found.shards).map { path + "/" + Self.shardName(split, $0) }
  }

  /// As `train-000012.tar`.
  package static func shardName(_ split: String, _ index: Int) -> String {
    let digits = String(index)
    return split + "-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".tar"
  }
}
