/// Metadata and tensor descriptions of a GGUF file, found to be within bounds; values stay where they are and are read when asked for.
package struct GGUFHeader {
  package private(set) var entries: [GGUFEntry] = []
  package private(set) var tensors: [GGUFTensor] = []
  /// The end of the last description.
  package let end: Int
  package let alignment: Int
  /// Where the tensor data starts: `end`, aligned.
  package let dataStart: Int
  private var places: [String: Int] = [:]

  /// Reads the start of a file. `bytes` is the file, or as much of it as a header may take. Work and memory are in proportion to the bytes
  /// that are there, whatever the counts in them say; nothing recurses: arrays of arrays are refused.
  package init(_ bytes: Span<UInt8>) throws(BundleError) {
    var cursor = Cursor()
    let magic: UInt32 = try cursor.integer(of: bytes, field: "magic")
    guard magic == GGUF.magic else { throw .notGGUF(found: magic) }
    let version: UInt32 = try cursor.integer(of: bytes, field: "version")
    guard version == GGUF.version else { throw .unsupportedVersion(what: "GGUF", found: version, expected: GGUF.version) }
    let tensorCount: UInt64 = try cursor.integer(of: bytes, field: "tensor count")
    let entryCount: UInt64 = try cursor.integer(of: bytes, field: "key count")
    try Self.check(count: tensorCount, field: "tensor count", minimumSize: 24, bytes)
    try Self.check(count: entryCount, field: "key count", minimumSize: 13, bytes)
    let (entries, places) = try Self.entries(count: entryCount, bytes, &cursor)
    self.entries = entries
    self.places = places
    tensors = try Self.tensors(count: tensorCount, bytes, &cursor)
    end = cursor.position
    alignment = try Self.alignment(places["general.alignment"].map { entries[$0] }, bytes)
    guard let start = end.aligned(to: alignment) else { throw .truncated(field: "tensor data", offset: end) }
    dataStart = start
    for tensor in tensors where tensor.dataOffset % alignment != 0 {
      throw .badValue(field: tensor.name, offset: tensor.position)
    }
  }

  /// The entry of that key.
  package subscript(key: String) -> GGUFEntry? { places[key].map { entries[$0] } }

  /// Refuses a count that the bytes cannot hold, before anything is read.
  private static func check(count: UInt64, field: String, minimumSize: Int, _ bytes: Span<UInt8>) throws(BundleError) {
    guard count <= UInt64(bytes.count / minimumSize) else {
      throw .tooLarge(field: field, offset: field == "tensor count" ? 8 : 16, limit: bytes.count / minimumSize)
    }
  }

  private static func entries(
    count: UInt64, _ bytes: Span<UInt8>, _ cursor: inout Cursor
  ) throws(BundleError) -> ([GGUFEntry], [String: Int]) {
    var entries: [GGUFEntry] = []
    var places: [String: Int] = [:]
    for _ in 0..<count {
      let start = cursor.position
      let key = try cursor.name(of: bytes, field: "key")
      guard places.updateValue(entries.count, forKey: key) == nil else { throw .duplicate(field: key, offset: start) }
      entries.append(try value(of: key, bytes, &cursor))
    }
    return (entries, places)
  }

  private static func type(of key: String, _ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(BundleError) -> GGUFType {
    let start = cursor.position
    guard let type = GGUFType(rawValue: try cursor.integer(of: bytes, field: key)) else { throw .badValue(field: key, offset: start) }
    return type
  }

  private static func value(of key: String, _ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(BundleError) -> GGUFEntry {
    let type = try type(of: key, bytes, &cursor)
    guard type == .array else {
      let range =
        if let size = type.size { try cursor.take(UInt64(size), of: bytes, field: key) } else { try cursor.string(of: bytes, field: key) }
      return GGUFEntry(key: key, type: type, isArray: false, count: 1, bytes: range)
    }
    return try array(of: key, bytes, &cursor)
  }

  private static func array(of key: String, _ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(BundleError) -> GGUFEntry {
    let typeOffset = cursor.position
    let element = try type(of: key, bytes, &cursor)
    guard element != .array else { throw .badValue(field: key, offset: typeOffset) }
    let countOffset = cursor.position
    let count: UInt64 = try cursor.integer(of: bytes, field: key)
    let (size, overflow) = count.multipliedReportingOverflow(by: UInt64(element.size ?? 8))
    guard !overflow, size <= UInt64(bytes.count - cursor.position), let elements = Int(exactly: count) else {
      throw .truncated(field: key, offset: countOffset)
    }
    let start = cursor.position
    if element == .string {
      for _ in 0..<elements { _ = try cursor.string(of: bytes, field: key) }
    } else {
      _ = try cursor.take(size, of: bytes, field: key)
    }
    return GGUFEntry(key: key, type: element, isArray: true, count: elements, bytes: start..<cursor.position)
  }

  private static func alignment(_ entry: GGUFEntry?, _ bytes: Span<UInt8>) throws(BundleError) -> Int {
    guard let entry else { return GGUF.defaultAlignment }
    guard entry.type == .uint32, !entry.isArray else { throw .wrongType(field: entry.key, offset: entry.bytes.lowerBound) }
    let value: UInt32 = bytes.littleEndian(at: entry.bytes.lowerBound)
    guard (8...65536).contains(value), value & (value - 1) == 0 else {
      throw .badValue(field: entry.key, offset: entry.bytes.lowerBound)
    }
    return Int(value)
  }

  private static func tensors(count: UInt64, _ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(BundleError) -> [GGUFTensor] {
    var tensors: [GGUFTensor] = []
    var names: Set<String> = []
    for _ in 0..<count {
      let tensor = try tensor(bytes, &cursor)
      guard names.insert(tensor.name).inserted else { throw .duplicate(field: tensor.name, offset: tensor.position) }
      tensors.append(tensor)
    }
    return tensors
  }

  private static func tensor(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(BundleError) -> GGUFTensor {
    let position = cursor.position
    let name = try cursor.name(of: bytes, field: "tensor name")
    let rank: UInt32 = try cursor.integer(of: bytes, field: name)
    guard (1...UInt32(GGUF.maximumRank)).contains(rank) else { throw .badValue(field: name, offset: position) }
    var dimensions: [Int] = []
    var elements = 1
    for _ in 0..<rank {
      let size: UInt64 = try cursor.integer(of: bytes, field: name)
      guard let size = Int(exactly: size), size > 0 else { throw .badValue(field: name, offset: position) }
      let (product, overflow) = elements.multipliedReportingOverflow(by: size)
      guard !overflow else { throw .tooLarge(field: name, offset: position, limit: Int.max) }
      elements = product
      dimensions.append(size)
    }
    let type: UInt32 = try cursor.integer(of: bytes, field: name)
    let offset: UInt64 = try cursor.integer(of: bytes, field: name)
    guard let dataOffset = Int(exactly: offset) else { throw .tooLarge(field: name, offset: position, limit: Int.max) }
    return GGUFTensor(name: name, dimensions: dimensions.reversed(), type: type, dataOffset: dataOffset, position: position)
  }
}
