import ModelGraph

/// A convolution and the batch norm behind it, as a checkpoint names them; their parameters become those of one convolution.
struct FoldedNames: Hashable {
  /// The stems.
  let convolution: String
  let norm: String
}

/// The parts that convolutional networks share: each convolution over pictures is followed by a batch norm.
extension EncoderBuilder {
  /// A convolution with its batch norm folded in, and an activation.
  mutating func folded(
    _ name: String, _ names: FoldedNames, _ input: TensorID, _ convolution: Convolution, outputs: Int, epsilon: Double,
    activation: Activation?
  ) -> TensorID {
    let norm = BatchNorm(stem: names.norm, epsilon: epsilon)
    let output = self.convolution(
      name, names.convolution, input, convolution, outputs: outputs, kernel: .foldedKernel("\(names.convolution).weight", norm),
      bias: .foldedBias(norm))
    return activation.map { node("\(name).\($0.rawValue)", .activation($0), output) } ?? output
  }

  /// An image's mean over its positions, and the classifier's logits, or scaled to length 1 without one. Ends the last segment.
  mutating func imageHead(_ classifier: String, labels: Int?, _ image: TensorID) -> TensorID {
    let segment = labels == nil ? "pooling" : "head"
    let mean = pool("\(segment).mean", .mean, image)
    let output = labels.map { linear("logits", classifier, mean, outputs: $0) } ?? node("embedding", .l2Normalize, mean)
    endSegment(segment)
    return output
  }
}
