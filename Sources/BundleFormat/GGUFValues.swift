/// Values of the metadata by key and type. A key of another type is an error that names it.
extension GGUFHeader {
  private func entry(_ key: String, _ type: GGUFType, isArray: Bool) throws(BundleError) -> GGUFEntry {
    guard let entry = self[key] else { throw .missing(field: key) }
    guard entry.type == type, entry.isArray == isArray else { throw .wrongType(field: key, offset: entry.bytes.lowerBound) }
    return entry
  }

  package func uint32(_ key: String, _ bytes: Span<UInt8>) throws(BundleError) -> UInt32 {
    bytes.littleEndian(at: try entry(key, .uint32, isArray: false).bytes.lowerBound)
  }

  /// A number that counts or measures something.
  func size(_ key: String, _ bytes: Span<UInt8>) throws(BundleError) -> Int {
    Int(truncatingIfNeeded: try uint32(key, bytes))
  }

  func float(_ key: String, _ bytes: Span<UInt8>) throws(BundleError) -> Float {
    Float(bitPattern: bytes.littleEndian(at: try entry(key, .float32, isArray: false).bytes.lowerBound))
  }

  /// The error of a value that its key cannot have.
  func badValue(_ key: String) -> BundleError { .badValue(field: key, offset: self[key]?.bytes.lowerBound ?? 0) }

  func hasKeys(startingWith prefix: String) -> Bool { entries.contains { $0.key.hasPrefix(prefix) } }

  package func bool(_ key: String, _ bytes: Span<UInt8>) throws(BundleError) -> Bool {
    let range = try entry(key, .bool, isArray: false).bytes
    let value = bytes[range.lowerBound]
    guard value <= 1 else { throw .badValue(field: key, offset: range.lowerBound) }
    return value == 1
  }

  /// The place of a text.
  package func text(_ key: String) throws(BundleError) -> Range<Int> { try entry(key, .string, isArray: false).bytes }

  /// A text, which must be UTF-8.
  package func string(_ key: String, _ bytes: Span<UInt8>) throws(BundleError) -> String {
    try string(at: try text(key), key, bytes)
  }

  private func string(at range: Range<Int>, _ key: String, _ bytes: Span<UInt8>) throws(BundleError) -> String {
    let raw = bytes.array(range)
    let text = String(decoding: raw, as: UTF8.self)
    guard text.utf8.elementsEqual(raw) else { throw .badValue(field: key, offset: range.lowerBound) }
    return text
  }

  /// The texts of an array, which must be UTF-8.
  func strings(_ key: String, _ bytes: Span<UInt8>) throws(BundleError) -> [String] {
    let entry = try texts(key)
    var cursor = Cursor(at: entry.bytes.lowerBound)
    var strings: [String] = []
    for _ in 0..<entry.count { strings.append(try string(at: try cursor.string(of: bytes, field: key), key, bytes)) }
    return strings
  }

  package func floats(_ key: String, _ bytes: Span<UInt8>) throws(BundleError) -> [Float] {
    let entry = try entry(key, .float32, isArray: true)
    return (0..<entry.count).map { Float(bitPattern: bytes.littleEndian(at: entry.bytes.lowerBound + 4 * $0)) }
  }

  /// The place of an array of bytes.
  func bytes(_ key: String) throws(BundleError) -> Range<Int> { try entry(key, .uint8, isArray: true).bytes }

  /// The bytes of an array of at most `limit` bytes; none where there is no such key.
  func octets(_ key: String, _ bytes: Span<UInt8>, limit: Int) throws(BundleError) -> [UInt8] {
    guard self[key] != nil else { return [] }
    let range = try self.bytes(key)
    guard (1...limit).contains(range.count) else { throw badValue(key) }
    return bytes.array(range)
  }

  /// The entry of an array of texts.
  package func texts(_ key: String) throws(BundleError) -> GGUFEntry { try entry(key, .string, isArray: true) }

  /// The texts of an array, as readers of their fields.
  package func lines(_ key: String, _ bytes: Span<UInt8>) throws(BundleError) -> [LineReader] {
    let entry = try texts(key)
    var cursor = Cursor(at: entry.bytes.lowerBound)
    var lines: [LineReader] = []
    for number in 0..<entry.count {
      let range = try cursor.string(of: bytes, field: key)
      lines.append(LineReader(bytes.array(range), key: key, line: number + 1))
    }
    return lines
  }
}
