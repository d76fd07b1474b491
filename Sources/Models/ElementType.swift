/// The element types of safetensors.
package enum ElementType: String, Hashable, Sendable, CaseIterable {
  case bool = "BOOL"
  case uint8 = "U8"
  case int8 = "I8"
  case float8e5m2 = "F8_E5M2"
  case float8e4m3 = "F8_E4M3"
  case int16 = "I16"
  case uint16 = "U16"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int32 = "I32"
  case uint32 = "U32"
  case float32 = "F32"
  case int64 = "I64"
  case uint64 = "U64"
  case float64 = "F64"

  /// Bytes an element.
  package var size: Int {
    switch self {
    case .bool, .uint8, .int8, .float8e5m2, .float8e4m3: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  /// Little-endian bytes as floats, or nil where the type is none of F16, BF16, F32 and F64.
  func floats(_ bytes: [UInt8]) -> [Float]? {
    switch self {
    case .float16: elements(of: bytes, UInt16.self) { Float(Float16(bitPattern: $0)) }
    case .bfloat16: elements(of: bytes, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .float32: elements(of: bytes, UInt32.self) { Float(bitPattern: $0) }
    case .float64: elements(of: bytes, UInt64.self) { Float(Double(bitPattern: $0)) }
    default: nil
    }
  }

  /// Integers of any bit pattern may be loaded from any place inside the span.
  private func elements<Bits: FixedWidthInteger & BitwiseCopyable>(of bytes: [UInt8], _: Bits.Type, _ convert: (Bits) -> Float) -> [Float] {
    let span = unsafe bytes.span.bytes
    let width = MemoryLayout<Bits>.size
    return (0..<span.byteCount / width).map { index in
      convert(Bits(littleEndian: unsafe span.unsafeLoadUnaligned(fromByteOffset: index * width, as: Bits.self)))
    }
  }
}
