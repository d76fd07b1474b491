import ModelGraph

extension GraphParts {
  private static let sizes = [0, -1, 1, 2, 6, 8, 1 << 24, 1 << 40, Int.max, Int.min]

  /// Replaces one thing by something hostile, or by something that is nearly right.
  package mutating func damage(using generator: inout SeededGenerator) {
    guard !nodes.isEmpty, !segments.isEmpty else { return }
    var damage = Damage(generator: generator)
    switch damage.number(0...12) {
    case 0: damage.retype(&tensors)
    case 1: damage.reshape(&tensors)
    case 2: damage.requantize(&tensors)
    case 3: damage.rewire(&nodes, tensors: tensors.count)
    case 4: damage.swap(&nodes)
    case 5: nodes.remove(at: damage.number(0...nodes.count - 1))
    case 6: segments[0] = Segment(name: "first", nodes: 0..<max(0, min(damage.size(), 1 << 20)))
    case 10: damage.move(&segments)
    case 7: limits = Limits(batch: damage.size(), sequence: damage.size())
    case 8: damage.exchange(&nodes)
    case 9: outputs.append(damage.tensor(among: tensors.count))
    default: damage.adjust(&nodes)
    }
    generator = damage.generator
  }

  /// The changes, with the numbers that they take.
  private struct Damage {
    var generator: SeededGenerator

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[number(0...elements.count - 1)] }

    mutating func size() -> Int { pick(GraphParts.sizes) }

    mutating func tensor(among count: Int) -> TensorID { TensorID(number(-1...count)) }

    private mutating func quantization() -> Quantization {
      switch number(0...3) {
      case 0: .none
      case 1: .rows
      case 2: .tensor(scale: pick([0.001, 1e-19, 1e19, .nan]), limit: pick([0, 1, 2047, 32767, 65536]))
      default: .codes(scale: pick([0.1, 1e-19, 1e19, 0]), zero: pick([-1, 0, 128, 255, 256]))
      }
    }

    mutating func retype(_ tensors: inout [Tensor]) {
      let index = number(0...tensors.count - 1)
      let dimensions = (0..<number(0...5)).map { _ in
        pick(GraphParts.sizes.map { Dimension.fixed($0) } + [.batch, .sequence, .extendedSequence(by: size())])
      }
      tensors[index] = Tensor(name: tensors[index].name, shape: Shape(dimensions), dataType: pick(DataType.allCases))
    }

    mutating func reshape(_ tensors: inout [Tensor]) {
      let index = number(0...tensors.count - 1)
      let old = tensors[index]
      var dimensions = old.shape.dimensions
      guard !dimensions.isEmpty else { return }
      dimensions[number(0...dimensions.count - 1)] = pick([
        .fixed(number(1...20)), .sequence, .batch, .extendedSequence(by: number(1...3)), .fixed(size()),
      ])
      tensors[index] = Tensor(name: old.name, shape: Shape(dimensions), dataType: old.dataType, quantization: old.quantization)
    }

    mutating func requantize(_ tensors: inout [Tensor]) {
      let index = number(0...tensors.count - 1)
      let old = tensors[index]
      tensors[index] = Tensor(
        name: old.name, shape: old.shape, dataType: number(0...1) == 0 ? old.dataType : pick(DataType.allCases),
        quantization: quantization())
    }

    /// Another input, parameter or output for a node.
    mutating func rewire(_ nodes: inout [Node], tensors: Int) {
      let index = number(0...nodes.count - 1)
      let old = nodes[index]
      var (inputs, parameters, output) = (old.inputs, old.parameters, old.output)
      let other = tensor(among: tensors)
      switch number(0...3) {
      case 0: inputs[number(0...inputs.count - 1)] = other
      case 1 where !parameters.isEmpty: parameters[number(0...parameters.count - 1)] = other
      case 2: output = other
      default: inputs.append(other)
      }
      nodes[index] = Node(name: old.name, operation: old.operation, inputs: inputs, parameters: parameters, output: output)
    }

    /// A segment to the other path.
    mutating func move(_ segments: inout [Segment]) {
      let index = number(0...segments.count - 1)
      let old = segments[index]
      segments[index] = Segment(name: old.name, nodes: old.nodes, role: old.role == .main ? .local : .main)
    }

    mutating func swap(_ nodes: inout [Node]) { nodes.swapAt(number(0...nodes.count - 1), number(0...nodes.count - 1)) }

    /// Another operation for a node.
    mutating func exchange(_ nodes: inout [Node]) {
      let operations: [Operation] = [
        .add, .attention(heads: size()), .attention(heads: 1, causal: true), .layerNorm(epsilon: pick([.nan, 0, 1e-5])), .l2Normalize,
        .channelNorm(epsilon: 1e-5), .linear, .boundary, .flatten, .quantize, .concatenate, .expertGate, .gatedAdd,
        .expertLinear(experts: size()), .positions(prefix: size()), .pool(pick(Pool.allCases)), .activation(pick(Activation.allCases)),
        .maxPool(window()), .convolution(Convolution(window(), groups: size())),
      ]
      replace(&nodes, number(0...nodes.count - 1), by: pick(operations))
    }

    private mutating func window() -> Window {
      Window(
        size: Window.Size(height: pick([1, size()]), width: number(-1...4)), stride: Window.Size(height: 1, width: pick([1, size()])),
        padding: Window.Padding(top: pick([0, size()]), bottom: 0, left: number(0...3), right: pick([0, size()])))
    }

    /// Slightly other attributes for a node that has some.
    mutating func adjust(_ nodes: inout [Node]) {
      let index = number(0...nodes.count - 1)
      let step = number(-2...2)
      switch nodes[index].operation {
      case .attention(let heads, let causal): replace(&nodes, index, by: .attention(heads: heads &+ step, causal: !causal))
      case .positions(let prefix): replace(&nodes, index, by: .positions(prefix: prefix &+ step))
      case .expertLinear(let experts): replace(&nodes, index, by: .expertLinear(experts: experts &+ step))
      case .maxPool(let window): replace(&nodes, index, by: .maxPool(adjusted(window)))
      case .convolution(let old):
        replace(&nodes, index, by: .convolution(Convolution(adjusted(old.window), groups: old.groups &+ number(-1...1))))
      default: break
      }
    }

    private mutating func adjusted(_ old: Window) -> Window {
      let p = old.padding
      let stride = Window.Size(height: near(old.stride.height), width: near(old.stride.width))
      let padding = Window.Padding(top: near(p.top), bottom: near(p.bottom), left: near(p.left), right: near(p.right))
      return Window(size: old.size, stride: stride, padding: padding)
    }

    private mutating func near(_ size: Int) -> Int { size &+ number(-1...1) }

    private func replace(_ nodes: inout [Node], _ index: Int, by operation: Operation) {
      let old = nodes[index]
      nodes[index] = Node(name: old.name, operation: operation, inputs: old.inputs, parameters: old.parameters, output: old.output)
    }
  }
}
