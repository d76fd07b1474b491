import TestSupport
import ModelGraph

extension GraphParts {
  private static let sizes = [0, -1, 1, 2, 6, 8, 1 << 24, 1 << 40, Int.max, Int.min]

  /// Replaces one thing by something hostile.
  mutating func damage(using generator: inout SeededGenerator) {
    func pick<Element>(_ elements: [Element]) -> Element { elements[Int.random(in: 0..<elements.count, using: &generator)] }
    let tensor = Int.random(in: 0..<tensors.count, using: &generator)
    let node = Int.random(in: 0..<nodes.count, using: &generator)
    let anyTensor = TensorID(Int.random(in: -1...tensors.count, using: &generator))
    let old = nodes[node]
    switch Int.random(in: 0..<8, using: &generator) {
    case 0:
      let rank = Int.random(in: 0...5, using: &generator)
      let dimensions = (0..<rank).map { _ in pick(Self.sizes.map { Dimension.fixed($0) } + [.batch, .sequence]) }
      tensors[tensor] = Tensor(name: tensors[tensor].name, shape: Shape(dimensions), dataType: pick(DataType.allCases))
    case 1:
      nodes[node] = Node(name: old.name, operation: old.operation, inputs: [anyTensor], parameters: old.parameters, output: old.output)
    case 2:
      nodes[node] = Node(name: old.name, operation: old.operation, inputs: old.inputs, parameters: old.parameters, output: anyTensor)
    case 3: nodes.swapAt(node, 0)
    case 4: nodes.remove(at: node)
    case 5: segments[0] = Segment(name: "first", nodes: 0..<max(0, min(pick(Self.sizes), 1 << 20)))
    case 6: limits = Limits(batch: pick(Self.sizes), sequence: pick(Self.sizes))
    default:
      let operations: [Operation] = [
        .add, .attention(heads: pick(Self.sizes)), .layerNorm(epsilon: pick([.nan, 0, 1e-5])), .l2Normalize, .linear, .boundary,
      ]
      nodes[node] = Node(
        name: old.name, operation: pick(operations), inputs: old.inputs + [anyTensor], parameters: old.parameters, output: old.output)
    }
  }
}
