package import ModelGraph

extension Graph {
  /// The same graph of rows in integers, with scales that stand for nothing; what is of length 1 stays float.
  package func quantizedAnyhow() throws(GraphError) -> Graph {
    let parameters = Set(self.parameters)
    let units = Set(nodes.filter { $0.operation == .l2Normalize }.map { $0.output })
    let retyped = tensors.enumerated().map { index, tensor in
      let id = TensorID(index)
      if tensor.dataType == .int32 || units.contains(id) || (parameters.contains(id) && tensor.shape.rank == 1) { return tensor }
      return parameters.contains(id)
        ? Tensor(name: tensor.name, shape: tensor.shape, dataType: .int8, quantization: .rows)
        : Tensor(name: tensor.name, shape: tensor.shape, dataType: .int16, quantization: .tensor(scale: 0x1p-12, limit: 32767))
    }
    return try Graph(tensors: retyped, nodes: nodes, segments: segments, inputs: inputs, outputs: outputs, limits: limits)
  }
}
