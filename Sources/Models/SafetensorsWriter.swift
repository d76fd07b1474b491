package import BundleFormat
import JSONFormat

/// A tensor of a checkpoint, row-major.
struct StoredTensor: Hashable {
  let name: String
  let shape: [Int]
  let values: [Float]
}

/// Writes safetensors files, whole or not at all.
package enum SafetensorsWriter {
  /// A float32 tensor, row-major; its values must stay where they are until it is written.
  @safe package struct Tensor {
    package let name: String
    package let shape: [Int]
    package let values: UnsafeBufferPointer<Float>

    package init(name: String, shape: [Int], values: UnsafeBufferPointer<Float>) {
      self.name = name
      self.shape = shape
      unsafe self.values = unsafe values
    }
  }

  /// Names are unique. The data begins at a multiple of 64 bytes.
  package static func write(_ tensors: [Tensor], metadata: [String: String] = [:], to path: String) throws(BundleError) {
    var members: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }.map { "\(Json.string($0.key).text):\(Json.string($0.value).text)" }
      members.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
    }
    var offset = 0
    for index in tensors.indices {
      let tensor = tensors[index]
      let end = unsafe offset + tensor.values.count * MemoryLayout<Float>.size
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append("\(Json.string(tensor.name).text):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    header += Array(repeating: UInt8(ascii: " "), count: (64 - (8 + header.count) % 64) % 64)
    let length = UInt64(header.count)
    let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    let written: Result<Void, BundleError> = unsafe (prefix + header).withUnsafeBytes { start in
      Result { () throws(BundleError) in
        try unsafe NewFile.write([start] + tensors.map { unsafe UnsafeRawBufferPointer($0.values) }, to: path)
      }
    }
    try written.get()
  }

  static func write(_ tensors: [StoredTensor], metadata: [String: String] = [:], to path: String) throws(BundleError) {
    let memory = unsafe tensors.map { tensor in
      let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: tensor.values.count)
      _ = unsafe values.initialize(from: tensor.values)
      return unsafe values
    }
    defer { unsafe memory.forEach { unsafe $0.deallocate() } }
    let lent = unsafe zip(tensors, memory).map { tensor, values in
      unsafe Tensor(name: tensor.name, shape: tensor.shape, values: UnsafeBufferPointer(values))
    }
    try write(lent, metadata: metadata, to: path)
  }
}
