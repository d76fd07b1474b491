/// Reads through the members of a tar archive, one header after the other; contents are passed over, and read when they are wanted.
struct TarReader {
  /// A file in the archive.
  struct Member: Equatable {
    let name: String
    /// Where its contents lie.
    let contents: Range<Int>
  }

  /// The longest name and the most bytes of records that are read.
  static let longest = 1 << 16

  let file: ShardFile
  private var position = 0
  private var isOver = false

  init(_ file: ShardFile) { self.file = file }

  /// The next file; nil at the archive's end, which is two blocks of zeros: what lies behind them does not count.
  mutating func next() throws(DatasetError) -> Member? {
    var (longName, records): (String?, TarRecords?)
    while !isOver {
      let start = position
      let header = try parse(at: start, try block()) { bytes throws(TarDamage) in try TarHeader(bytes) }
      guard let header else {
        guard try block().allSatisfy({ $0 == 0 }), longName == nil, records == nil else { throw damaged("end", at: start) }
        isOver = true
        break
      }
      let contents = try pass(records?.size ?? header.contentSize, header: start)
      switch header.kind {
      case .file:
        let name = records?.path ?? longName ?? header.name
        guard !name.isEmpty else { throw damaged("name", at: start) }
        return Member(name: name, contents: contents)
      case .other: (longName, records) = (nil, nil)
      case .longName: longName = try parse(at: start, read(contents, header: start), TarHeader.longName)
      case .records: records = try parse(at: start, read(contents, header: start)) { bytes throws(TarDamage) in try TarRecords(bytes) }
      case .skipped: break
      }
    }
    return nil
  }

  private mutating func block() throws(DatasetError) -> [UInt8] {
    guard file.count - position >= TarHeader.size else { throw damaged("end", at: position) }
    position += TarHeader.size
    return try file.read(position - TarHeader.size..<position)
  }

  /// Moves behind the contents that begin here.
  private mutating func pass(_ size: Int, header: Int) throws(DatasetError) -> Range<Int> {
    let start = position
    let padding = (TarHeader.size - size % TarHeader.size) % TarHeader.size
    guard size <= file.count - start, size + padding <= file.count - start else { throw damaged("size", at: header) }
    position += size + padding
    return start..<start + size
  }

  /// The contents of a member that describes the next one.
  private func read(_ range: Range<Int>, header: Int) throws(DatasetError) -> [UInt8] {
    guard range.count <= Self.longest else { throw damaged("size", at: header) }
    return try file.read(range)
  }

  private func parse<Value>(
    at offset: Int, _ bytes: [UInt8], _ read: ([UInt8]) throws(TarDamage) -> Value
  ) throws(DatasetError) -> Value {
    do throws(TarDamage) { return try read(bytes) } catch { throw damaged(error.field, at: offset) }
  }

  private func damaged(_ field: String, at offset: Int) -> DatasetError {
    .damagedShard(file: file.path, offset: offset, field: field)
  }
}
