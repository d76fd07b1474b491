/// Where a sample lies in its shard, which stays open as long as anything in it is wanted.
struct SamplePlace {
  struct Member {
    let fileExtension: String
    let contents: Range<Int>
  }

  let key: String
  let shard: ShardFile
  let members: [Member]

  func read() throws(DatasetError) -> Sample {
    var bytes: [String: [UInt8]] = [:]
    for member in members { bytes[member.fileExtension] = try shard.read(member.contents) }
    return Sample(key: key, members: bytes)
  }

  /// The concept that `.json` tells; nil where it does not.
  func concept() throws(DatasetError) -> Int? {
    guard let member = members.first(where: { $0.fileExtension == "json" }) else { return nil }
    let bytes = try shard.read(member.contents)
    return try? SampleMetadata(parsing: bytes).concept
  }
}

/// Puts the members of a shard together to samples: neighbours with one key are a sample.
struct ShardReader {
  private var reader: TarReader
  private var ahead: TarReader.Member?

  init(_ path: String) throws(DatasetError) {
    reader = TarReader(try ShardFile(path))
    ahead = try reader.next()
  }

  /// The next sample; nil at the shard's end.
  mutating func next() throws(DatasetError) -> SamplePlace? {
    guard let first = ahead else { return nil }
    let key = Self.parts(of: first.name).key
    var members: [SamplePlace.Member] = []
    while let member = ahead {
      let parts = Self.parts(of: member.name)
      guard parts.key == key else { break }
      guard !members.contains(where: { $0.fileExtension == parts.fileExtension }) else {
        throw .damagedShard(file: reader.file.path, offset: member.contents.lowerBound, field: "'\(member.name)' is there twice")
      }
      members.append(SamplePlace.Member(fileExtension: parts.fileExtension, contents: member.contents))
      ahead = try reader.next()
    }
    return SamplePlace(key: key, shard: reader.file, members: members)
  }

  private static func parts(of name: String) -> (key: String, fileExtension: String) {
    let file = name.utf8.lastIndex(of: UInt8(ascii: "/")).map { name.utf8.index(after: $0) } ?? name.startIndex
    guard let dot = name.utf8[file...].firstIndex(of: UInt8(ascii: ".")) else { return (name, "") }
    return (String(name[..<dot]), name[name.utf8.index(after: dot)...].lowercased())
  }
}
