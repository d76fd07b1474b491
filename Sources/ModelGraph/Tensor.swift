/// The place of a tensor in `Graph.tensors`.
package struct TensorID: Hashable, Sendable {
  package let index: Int

  package init(_ index: Int) { self.index = index }
}

/// How the integers of a tensor stand for real numbers.
package enum Quantization: Hashable, Sendable {
  /// The elements are the numbers.
  case none
  /// real = `scale` · q, with |q| ≤ `limit`; one scale for the tensor.
  case tensor(scale: Float, limit: Int)
  /// 8-bit codes: real = `scale` · (q − `zero`), with `zero` in 0...255.
  case codes(scale: Float, zero: Int)
  /// A parameter [rows, …] of int8 in [−127, 127]: real = scale(row) · q, the float32 scales in a companion tensor of the bundle.
  case rows
}

/// A named array that flows through a graph, or a parameter of it.
package struct Tensor: Hashable, Sendable {
  /// Unique in its graph: 1 to 128 of `A–Z a–z 0–9 . _ -`.
  package let name: String
  package let shape: Shape
  package let dataType: DataType
  package let quantization: Quantization

  package init(name: String, shape: Shape, dataType: DataType = .float32, quantization: Quantization = .none) {
    self.name = name
    self.shape = shape
    self.dataType = dataType
    self.quantization = quantization
  }
}
