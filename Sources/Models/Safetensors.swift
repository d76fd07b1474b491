/// A safetensors file: eight bytes of header length, a JSON header, and the tensors' bytes without gaps or overlaps.
/// Everything is checked when it opens; a tensor's bytes are read when they are asked for.
package struct Safetensors: Sendable {
  /// One tensor.
  package struct Entry: Hashable, Sendable {
    package let name: String
    package let type: ElementType
    /// Outermost first, row-major; empty for a scalar.
    package let shape: [Int]
    /// Bytes of the file.
    package let bytes: Range<Int>
  }

  package let file: String
  /// In the order of their bytes.
  package let entries: [Entry]
  /// What `__metadata__` says.
  package let metadata: [String: String]
  private let bytes: FileBytes

  /// Opens and checks a file.
  package init(path: String) throws(ImportError) {
    self.file = path
    self.bytes = try FileBytes(path)
    let header = try SafetensorsHeader(bytes)
    self.entries = try header.entries()
    self.metadata = try header.metadata()
  }

  /// The elements of a floating-point tensor, all finite.
  package func floats(_ entry: Entry) throws(ImportError) -> [Float] {
    guard let values = entry.type.floats(try bytes.read(entry.bytes)) else {
      throw .badTensor(
        file: file, tensor: entry.name, field: "dtype", problem: "\(entry.type.rawValue) where a floating-point type is needed")
    }
    guard values.allSatisfy(\.isFinite) else {
      throw .badTensor(file: file, tensor: entry.name, field: "data", problem: "a value is infinite or not a number")
    }
    return values
  }
}
