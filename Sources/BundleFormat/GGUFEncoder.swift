/// Writes keys and tensor descriptions of a GGUF file.
package struct GGUFEncoder {
  private var entries: [UInt8] = []
  private var entryCount: UInt64 = 0
  private var tensors: [UInt8] = []
  private var tensorCount: UInt64 = 0

  /// The header so far, not aligned at its end.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: GGUF.magic)
    bytes.append(littleEndian: GGUF.version)
    bytes.append(littleEndian: tensorCount)
    bytes.append(littleEndian: entryCount)
    return bytes + entries + tensors
  }

  private mutating func key(_ key: String, _ type: GGUFType) {
    entryCount += 1
    entries.append(string: Array(key.utf8))
    entries.append(littleEndian: type.rawValue)
  }

  private mutating func array(_ key: String, of type: GGUFType, count: Int) {
    self.key(key, .array)
    entries.append(littleEndian: type.rawValue)
    entries.append(littleEndian: UInt64(count))
  }

  package mutating func add(_ key: String, _ value: UInt32) {
    self.key(key, .uint32)
    entries.append(littleEndian: value)
  }

  package mutating func add(_ key: String, _ value: Float) {
    self.key(key, .float32)
    entries.append(littleEndian: value.bitPattern)
  }

  package mutating func add(_ key: String, _ value: Bool) {
    self.key(key, .bool)
    entries.append(value ? 1 : 0)
  }

  package mutating func add(_ key: String, _ value: String) {
    self.key(key, .string)
    entries.append(string: Array(value.utf8))
  }

  package mutating func add(_ key: String, _ values: [Float]) {
    array(key, of: .float32, count: values.count)
    for value in values { entries.append(littleEndian: value.bitPattern) }
  }

  package mutating func add(_ key: String, bytes: [UInt8]) {
    array(key, of: .uint8, count: bytes.count)
    entries += bytes
  }

  package mutating func add(_ key: String, texts: [[UInt8]]) {
    array(key, of: .string, count: texts.count)
    for text in texts { entries.append(string: text) }
  }

  package mutating func add(_ key: String, _ lines: [String]) { add(key, texts: lines.map { Array($0.utf8) }) }

  /// Describes a tensor whose data lies at `offset` from the start of the tensor data.
  package mutating func add(_ place: TensorPlace, offset: Int) {
    tensorCount += 1
    tensors.append(string: Array(place.name.utf8))
    tensors.append(littleEndian: UInt32(place.dimensions.count))
    for dimension in place.dimensions.reversed() { tensors.append(littleEndian: UInt64(dimension)) }
    tensors.append(littleEndian: place.content.type.rawValue)
    tensors.append(littleEndian: UInt64(offset))
  }
}

extension [UInt8] {
  package mutating func append<T: FixedWidthInteger>(littleEndian value: T) {
    for byte in 0..<T.bitWidth / 8 { append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
  }

  /// Appends a text with its length in front.
  package mutating func append(string: [UInt8]) {
    append(littleEndian: UInt64(string.count))
    append(contentsOf: string)
  }

  /// Appends zeros up to a size, which is not below the count.
  package mutating func pad(to size: Int) { append(contentsOf: repeatElement(0, count: size - count)) }
}
