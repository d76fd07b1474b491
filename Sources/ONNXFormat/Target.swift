import ModelGraph

/// What a node's values are rounded to: the steps or codes of a tensor, behind a function where one is fused or the node is one.
struct Target {
  let tensor: TensorID
  let function: Activation?
  /// The tensor's step; 1 where it has none.
  let scale: Float
  /// The largest number of steps. A boundary's codes have no other limit than the type.
  let limit: Int
  /// By what multipliers are divided: values are steps of the tensor, or real where a function takes them.
  var divisor: Float { function == nil ? scale : 1 }

  init(_ writer: GraphWriter, of node: Node, fused: Node?) {
    tensor = fused?.output ?? node.output
    function = fused?.activation ?? node.activation
    switch writer.graph[tensor].quantization {
    case .tensor(let scale, let limit): (self.scale, self.limit) = (scale, node.operation == .boundary ? Int(Int16.max) : limit)
    case .codes(let scale, _): (self.scale, limit) = (scale, Int(UInt8.max))
    case .none, .rows: (scale, limit) = (1, 1)
    }
  }
}
