/// Writes a message of Protocol Buffers, field by field in rising order of their numbers.
package struct ProtobufMessage: Sendable {
  package private(set) var bytes: [UInt8] = []

  private enum WireType: UInt64 {
    case varint = 0
    case eightBytes = 1
    case counted = 2
    case fourBytes = 5
  }

  package init() {}

  package mutating func add(_ field: UInt64, _ value: Int) {
    begin(field, .varint)
    append(varint: UInt64(bitPattern: Int64(value)))
  }

  package mutating func add(_ field: UInt64, _ value: Double) {
    begin(field, .eightBytes)
    append(littleEndian: value.bitPattern)
  }

  package mutating func add(_ field: UInt64, _ value: Float) {
    begin(field, .fourBytes)
    append(littleEndian: value.bitPattern)
  }

  package mutating func add(_ field: UInt64, _ values: [Double]) {
    begin(field, .counted)
    append(varint: UInt64(8 * values.count))
    for value in values { append(littleEndian: value.bitPattern) }
  }

  package mutating func add(_ field: UInt64, _ text: String) { add(field, counted: text.utf8) }

  package mutating func add(_ field: UInt64, _ message: ProtobufMessage) { add(field, counted: message.bytes) }

  package mutating func add(_ field: UInt64, _ build: (inout ProtobufMessage) -> Void) {
    var message = ProtobufMessage()
    build(&message)
    add(field, message)
  }

  /// A field of bytes, or of a text in UTF-8.
  package mutating func add(_ field: UInt64, counted content: some Collection<UInt8>) {
    begin(field, .counted)
    append(varint: UInt64(content.count))
    bytes += content
  }

  package mutating func append(littleEndian value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func begin(_ field: UInt64, _ type: WireType) { append(varint: field << 3 | type.rawValue) }

  private mutating func append(varint value: UInt64) {
    var rest = value
    while rest > 0x7f {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
