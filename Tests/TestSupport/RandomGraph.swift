package import ModelGraph

/// Makes quantised graphs by chance: every operation over tensors of chance sizes, with all that the verifier asks for and now and then
/// something that it does not.
package struct RandomGraph {
  private var generator: SeededGenerator
  private var tensors: [Tensor] = []
  private var nodes: [Node] = []
  private var segments: [Segment] = []
  private var inputs: [TensorID] = []
  /// What later nodes may not read.
  private var hidden: Set<TensorID> = []
  private let limits: Limits

  /// The same graph from the same seed; nil where the verifier refuses what came of it. `isSplit` has it begin with a split point.
  package static func make(seed: UInt64, isSplit: Bool = false) -> Graph? {
    var maker = RandomGraph(seed: seed)
    return maker.graph(isSplit: isSplit)
  }

  private init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    limits = Limits(batch: 1, sequence: Int.random(in: 1...20, using: &generator))
  }

  private mutating func graph(isSplit: Bool) -> Graph? {
    for _ in 0..<number(1...3) { addInput() }
    if isSplit { addSubnets() }
    for _ in 0..<number(2...14) {
      addNode()
      if chance(5), nodes.count > (segments.last?.nodes.upperBound ?? 0) { endSegment() }
    }
    if nodes.count > (segments.last?.nodes.upperBound ?? 0) { endSegment() }
    let read = Set(nodes.flatMap { $0.inputs })
    let written = nodes.map { $0.output }
    let outputs = written.filter { !read.contains($0) || chance(10) }
    return try? Graph(
      tensors: tensors, nodes: nodes, segments: segments, inputs: inputs.filter { read.contains($0) }, outputs: outputs, limits: limits)
  }

  /// A first segment of little more than boundaries, the only ones to be read by what follows.
  private mutating func addSubnets() {
    for input in inputs {
      switch tensors[input.index].dataType {
      case .int32: boundary(embed(input))
      case .uint8:
        let image = shape(input).withWidth(number(1...20))
        boundary(node(.convolution(Convolution(Window(1))), [input], weights(image.width ?? 1, 1, 1, width(input)), shape: image))
      default: boundary(input)
      }
    }
    hidden = Set(inputs + nodes.filter { $0.operation != .boundary }.map { $0.output })
    segments.append(Segment(name: "segment.0", nodes: 0..<nodes.count))
  }

  private mutating func endSegment() {
    if !chance(3), let last = nodes.last, tensors[last.output.index].dataType == .int16 { boundary(last.output) }
    segments.append(Segment(name: "segment.\(segments.count)", nodes: (segments.last?.nodes.upperBound ?? 0)..<nodes.count))
  }
}

// Chance.
extension RandomGraph {
  private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

  /// True once in that many times.
  private mutating func chance(_ times: Int) -> Bool { number(1...times) == 1 }

  private mutating func pick<Element>(_ elements: [Element]) -> Element? { elements.randomElement(using: &generator) }

  private mutating func quantization(_ type: DataType, limit: Int = 32767) -> Quantization {
    switch type {
    case .int16: .tensor(scale: Float.random(in: 0.5...8, using: &generator) / Float(limit), limit: limit)
    case .uint8: .codes(scale: Float.random(in: 0.002...0.1, using: &generator), zero: number(0...255))
    default: .none
    }
  }

  /// A tensor that was written before, or an input, of that type.
  private mutating func known(_ type: DataType = .int16, where isWanted: (Shape) -> Bool = { _ in true }) -> TensorID? {
    let written = inputs + nodes.map { $0.output }
    return pick(written.filter { !hidden.contains($0) && tensors[$0.index].dataType == type && isWanted(tensors[$0.index].shape) })
  }

  private func shape(_ id: TensorID) -> Shape { tensors[id.index].shape }

  private func width(_ id: TensorID) -> Int { shape(id).width ?? 1 }
}

// Tensors and nodes.
extension RandomGraph {
  private mutating func add(_ shape: Shape, _ type: DataType, _ quantization: Quantization, gain: Bool = false) -> TensorID {
    tensors.append(Tensor(name: "t\(tensors.count)\(gain ? ".gain" : "")", shape: shape, dataType: type, quantization: quantization))
    return TensorID(tensors.count - 1)
  }

  private mutating func matrix(_ sizes: Int...) -> TensorID { add(Shape(sizes.map { .fixed($0) }), .int8, .rows) }

  private mutating func vector(_ size: Int, gain: Bool = false) -> TensorID { add(Shape(size), .float32, .none, gain: gain) }

  /// A weight and mostly a bias.
  private mutating func weights(_ outputs: Int, _ sizes: Int...) -> [TensorID] {
    let weight = add(Shape([.fixed(outputs)] + sizes.map { .fixed($0) }), .int8, .rows)
    return chance(4) ? [weight] : [weight, vector(outputs)]
  }

  private mutating func norm(_ width: Int) -> [TensorID] { [vector(width, gain: true), vector(width)] }

  @discardableResult
  private mutating func node(
    _ operation: Operation, _ inputs: [TensorID], _ parameters: [TensorID] = [], shape: Shape, type: DataType = .int16, limit: Int? = nil,
    like: TensorID? = nil
  ) -> TensorID {
    let own = like.map { tensors[$0.index].quantization } ?? quantization(type, limit: limit ?? (chance(3) ? 2047 : 32767))
    let output = add(shape, type, own)
    nodes.append(Node(name: "n\(nodes.count)", operation: operation, inputs: inputs, parameters: parameters, output: output))
    return output
  }

  private mutating func addInput() {
    switch number(0...3) {
    case 0: inputs.append(add(Shape([.batch, .sequence]), .int32, .none))
    case 1:
      let size = Window.Size(height: number(1...11), width: number(1...11))
      inputs.append(add(.image(size, number(1...9)), .uint8, quantization(.uint8)))
    case 2: inputs.append(add(.rows(.fixed(number(1...40)), number(1...6)), .int16, quantization(.int16)))
    default: inputs.append(add(.rows(.fixed(number(1...9)), 16 * number(1...2)), .int16, quantization(.int16)))
    }
  }

  private mutating func addNode() {
    switch number(0...19) {
    case 0, 1: if let tokens = known(.int32) { embed(tokens) }
    case 2, 3: convolveCodes()
    case 4: convolveSignal()
    case 5: quantize()
    case 6: place()
    case 7, 8: attend()
    case 9: routeToExperts()
    case 10: concatenate()
    case 11: sum()
    case 12: pool()
    case 13: reshape()
    case 14: normalize()
    case 15: if let x = known() { boundary(x) }
    case 16: activate()
    default: multiply()
    }
  }
}

// Operations.
extension RandomGraph {
  @discardableResult
  private mutating func embed(_ tokens: TensorID) -> TensorID {
    let width = number(1...40)
    let tables = [matrix(number(5...30), width), matrix(limits.sequence + number(0...2), width)]
    return node(.embedding, [tokens], tables, shape: .rows(.sequence, width))
  }

  private mutating func activate() {
    guard let x = known() else { return }
    node(.activation(pick(Activation.allCases) ?? .gelu), [x], shape: shape(x))
  }

  private mutating func multiply() {
    guard let x = known() else { return }
    let outputs = number(1...50)
    let product = node(.linear, [x], weights(outputs, width(x)), shape: shape(x).withWidth(outputs))
    if chance(2) { node(.activation(pick(Activation.allCases) ?? .relu), [product], shape: shape(product)) }
  }

  private mutating func window(over size: Window.Size, isSignal: Bool) -> Window {
    let height = isSignal ? 1 : number(1...min(5, size.height + 1))
    let width = number(1...min(7, size.width + 1))
    return Window(
      size: Window.Size(height: height, width: width), stride: Window.Size(height: number(1...3), width: number(1...3)),
      padding: Window.Padding(
        top: number(0...height - 1), bottom: number(0...height - 1), left: number(0...width - 1), right: number(0...width - 1)))
  }

  private mutating func convolveCodes() {
    guard let x = known(.uint8), let size = shape(x).imageSize else { return }
    let isSignal = shape(x).rank == 3
    let window = window(over: size, isSignal: isSignal)
    guard let positions = window.positions(over: size) else { return }
    let channels = width(x)
    let divisors = (1...channels).filter { channels.isMultiple(of: $0) }
    let isTall = window.size.height > 1
    let groups = chance(2) ? 1 : isTall ? channels : pick(divisors) ?? 1
    let outputs = groups == 1 ? number(1...40) : groups == channels && (isTall || chance(2)) ? channels : groups * 16 * number(1...2)
    let type: DataType = chance(2) && !isSignal ? .uint8 : .int16
    let result = node(
      .convolution(Convolution(window, groups: groups)), [x], weights(outputs, window.size.height, window.size.width, channels / groups),
      shape: isSignal ? .rows(.fixed(positions.width), outputs) : .image(positions, outputs), type: type)
    if type == .int16, chance(2) {
      node(.activation(.relu6), [result], shape: shape(result), type: chance(2) && !isSignal ? .uint8 : .int16)
    }
  }

  private mutating func convolveSignal() {
    guard let x = known(where: { $0.rank == 3 && $0.imageSize != nil }), let size = shape(x).imageSize else { return }
    let window = Window(signal: number(1...min(9, size.width)), stride: number(1...4))
    guard let positions = window.positions(over: size) else { return }
    let outputs = number(1...30)
    node(
      .convolution(Convolution(window)), [x], weights(outputs, 1, window.size.width, width(x)),
      shape: .rows(.fixed(positions.width), outputs))
  }

  private mutating func quantize() {
    guard let x = known(where: { $0.imageSize != nil || $0.rank < 3 }) else { return }
    node(.quantize, [x], shape: shape(x), type: .uint8)
  }

  private mutating func place() {
    guard let x = known(where: { $0.positions != nil }), let positions = shape(x).positions else { return }
    let prefix = number(0...2)
    guard let longer = prefix == 0 ? positions : positions.joined(with: .fixed(prefix)) else { return }
    let rows = longer.size(batch: 1, sequence: limits.sequence) + number(0...1)
    node(.positions(prefix: prefix), [x], [matrix(rows, width(x))], shape: .rows(longer, width(x)))
  }

  private mutating func attend() {
    guard let x = known(where: { $0.positions != nil }), let y = known(where: { $0.positions != nil }) else { return }
    let heads = number(1...4)
    let width = 2 * heads * number(1...9)
    let causal = shape(x).positions == shape(y).positions && chance(2)
    let parts = [x, y, chance(9) ? known(where: { [own = shape(y)] in $0 == own }) ?? y : y].map { source in
      let weights = weights(width, self.width(source))
      return node(.linear, [source], weights, shape: shape(source).withWidth(width), limit: Operation.attentionLimit)
    }
    node(.attention(heads: heads, causal: causal), parts, shape: shape(parts[0]))
  }

  private mutating func routeToExperts() {
    guard let x = known(where: { $0.positions != nil }), let positions = shape(x).positions else { return }
    let experts = number(1...5)
    let source = chance(4) ? known(where: { $0.positions == positions }) ?? x : x
    let logits = node(.linear, [source], weights(experts, width(source)), shape: .rows(positions, experts))
    let outputs = 16 * number(1...2)
    let mixed = node(
      .expertLinear(experts: experts), [x, logits], [matrix(experts * outputs, width(x)), vector(experts * outputs)],
      shape: .rows(positions, outputs))
    if !chance(3) { node(.expertGate, [mixed, logits], shape: shape(mixed)) }
  }

  private mutating func concatenate() {
    guard let x = known(where: { $0.positions != nil }) else { return }
    let width = width(x)
    var parts = [x]
    var joined = shape(x).positions ?? .fixed(1)
    for _ in 0..<number(1...3) {
      guard let next = known(where: { $0.positions != nil && $0.width == width }),
        let longer = joined.joined(with: shape(next).positions ?? .fixed(1))
      else { continue }
      (parts, joined) = (parts + [next], longer)
    }
    if parts.count > 1 { node(.concatenate, parts, shape: .rows(joined, width)) }
  }

  private mutating func sum() {
    guard let x = known(), let y = known(where: { [own = shape(x)] in $0 == own }) else { return }
    node(chance(2) ? .add : .gatedAdd, [x, y], shape: shape(x))
    guard let last = nodes.last, last.operation == .gatedAdd else { return }
    nodes[nodes.count - 1] = Node(
      name: last.name, operation: .gatedAdd, inputs: last.inputs, parameters: [vector(1)], output: last.output)
  }

  private mutating func pool() {
    guard let x = known() else { return }
    let kind: Pool = shape(x).positions == nil ? .mean : pick(Pool.allCases) ?? .mean
    let pooled = node(.pool(kind), [x], shape: .vector(width(x)))
    if chance(2) { node(.l2Normalize, [pooled], shape: shape(pooled), type: .float32) }
  }

  private mutating func reshape() {
    guard let x = known(where: { $0.rank == 4 }), let size = shape(x).imageSize else { return }
    let window = window(over: size, isSignal: false)
    if chance(2), let positions = window.positions(over: size) {
      node(.maxPool(window), [x], shape: .image(positions, width(x)), like: x)
    } else {
      node(.flatten, [x], shape: .rows(.fixed(size.height * size.width), width(x)), like: x)
    }
  }

  private mutating func normalize() {
    guard let x = known() else { return }
    node(chance(2) ? .layerNorm(epsilon: 1e-5) : .channelNorm(epsilon: 1e-5), [x], norm(width(x)), shape: shape(x))
  }

  private mutating func boundary(_ x: TensorID) { node(.boundary, [x], shape: shape(x), like: x) }
}
