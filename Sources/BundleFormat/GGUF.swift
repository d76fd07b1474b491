/// The numbers of the GGUF container, version 3. (GGUF specification of the ggml project)
package enum GGUF {
  /// "GGUF", read as a little-endian number.
  package static let magic: UInt32 = 0x4655_4747
  package static let version: UInt32 = 3
  /// The alignment of tensors where `general.alignment` is absent.
  package static let defaultAlignment = 32
  package static let longestName = 256
  package static let maximumRank = 4
  /// Metadata and tensor descriptions together. More than 1 MiB, because a vocabulary of 120,000 tokens alone takes 2 MB.
  package static let maximumHeaderSize = 4 << 20
}

/// The type of a metadata value.
package enum GGUFType: UInt32 {
  case uint8 = 0
  case int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

  /// Bytes of one value, or nil where that depends on the value.
  package var size: Int? {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    case .string, .array: nil
    }
  }
}

/// The element type of a tensor, as far as bundles use them.
package enum GGUFTensorType: UInt32 {
  case float32 = 0
  case int8 = 24
  case int16 = 25
  case int32 = 26
}

/// A key of the metadata with the place of its value.
package struct GGUFEntry: Equatable {
  package let key: String
  /// The type of the value, or of the elements of an array.
  package let type: GGUFType
  package let isArray: Bool
  /// The number of elements; 1 for a single value.
  package let count: Int
  /// Where the value lies: of a string only its text, of an array its elements; strings in arrays keep their length in front.
  package let bytes: Range<Int>
}

/// The description of a tensor.
package struct GGUFTensor: Equatable {
  package let name: String
  /// Outermost first: the reverse of the order in the file.
  package let dimensions: [Int]
  package let type: UInt32
  /// From the start of the tensor data.
  package let dataOffset: Int
  /// Where the description lies in the file.
  package let position: Int
}
