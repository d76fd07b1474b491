import BundleFormat
import ModelGraph

/// Turns a quantised graph into steps over buffers. Beside each operation's step stands its `plan…` function.
struct Planner {
  let bundle: Bundle
  /// The segment whose nodes are being planned.
  private(set) var segment = 0
  private let constants = Constants()
  private let streams: Streams
  private var steps: [Step] = []
  private var stages: [Int] = []
  private var segments: [Int] = []
  /// The place of the node that is being planned.
  private var node = 0
  private var nodes: [Int] = []
  private var dependencies: [UInt64] = []
  private var sources: [UInt64] = []
  private var buffers: [Buffer] = []
  /// The nodes that read a tensor, by their places.
  private let readersOf: [TensorID: [Int]]
  private var bufferOf: [TensorID: BufferID] = [:]
  private var imageOf: [TensorID: CodeImage] = [:]
  private var rowBuffersOf: [TensorID: RowBuffers] = [:]
  private var routingOf: [TensorID: Routing] = [:]
  private var writtenInStage: Set<BufferID> = []
  /// The inputs that what a buffer holds depends on.
  private var sourcesOf: [BufferID: UInt64] = [:]
  /// Buffers that keep their contents from run to run.
  private var lasting: Set<BufferID> = []
  private var crossings: [TensorID: Crossing] = [:]
  private var completedNodes: [Int: Int] = [:]

  /// The input of tokens that a run may be continued with.
  let generation: Int?

  init(bundle: Bundle) {
    self.bundle = bundle
    generation = bundle.graph.generationInput
    streams = Streams(bundle.graph)
    readersOf = bundle.graph.readers
  }

  var graph: Graph { bundle.graph }

  /// Plans every node.
  consuming func program() throws(InferenceError) -> Program {
    var inputs: [ProgramInput] = []
    guard graph.inputs.count <= 64 else { throw .unsupportedInterface(tensor: graph[graph.inputs[64]].name) }
    for (place, id) in graph.inputs.enumerated() {
      inputs.append(try input(id))
      if let buffer = bufferOf[id] { sourcesOf[buffer] = 1 << UInt64(place) }
    }
    var cuts: [Cut] = []
    var mainEnd = 0
    for (index, part) in graph.segments.enumerated() {
      segment = index
      try plan(part)
      if part.role == .main { mainEnd = steps.count }
      if let point = graph.splitPoints.first(where: { $0.segment == index }) { cuts.append(cut(at: point)) }
    }
    var outputs: [ProgramOutput] = []
    for id in graph.outputs { outputs.append(try output(id)) }
    let fork = fork(mainEnd: mainEnd)
    extendLifetimes(outputs, cuts, fork: fork)
    return Program(
      steps: steps, mainEnd: mainEnd, fork: fork, stages: stages, segments: segments, nodes: nodes, dependencies: dependencies,
      sources: sources, buffers: buffers, streams: streams, inputs: inputs, outputs: outputs, cuts: cuts, generation: generation,
      completedNodes: completedNodes, bufferOfTensor: bufferOf, imageOfTensor: imageOf, constants: constants)
  }

  /// The step before which all is computed that the local path reads; `mainEnd` where there is none.
  private func fork(mainEnd: Int) -> Int {
    var fork = 0
    for node in graph.nodes[graph.nodes(of: .local)] {
      for id in node.inputs { if let decoding = crossings[id]?.decoding, decoding < mainEnd { fork = max(fork, decoding + 1) } }
    }
    return fork > 0 ? fork : mainEnd
  }

  /// Has buffers last for as long as they may be read.
  private mutating func extendLifetimes(_ outputs: [ProgramOutput], _ cuts: [Cut], fork: Int) {
    let last = stages.last ?? 0
    for output in outputs { extend(output.buffer, to: last) }
    let everything = sources.reduce(0, |)
    // Inputs may be run again, and outputs that the inputs which join do not change are not computed again.
    lasting.formUnion(graph.inputs.compactMap { bufferOf[$0] })
    for output in outputs where sourcesOf[output.buffer] != everything { lasting.insert(output.buffer) }
    // The main path goes on from the fork after the local path has run.
    if fork < steps.count {
      for index in buffers.indices {
        let life = buffers[index].stages
        if life.lowerBound <= stages[fork - 1], life.upperBound >= stages[fork] { lasting.insert(BufferID(index: index)) }
      }
      // Or a peer does.
      for cut in cuts where cut.isFork(at: fork) { lasting.formUnion(cut.crossings.flatMap { $0.rows.all }) }
    }
    for buffer in lasting {
      extend(buffer, to: 0)
      extend(buffer, to: last)
    }
  }

  private mutating func plan(_ segment: Segment) throws(InferenceError) {
    var fusedAway: Set<Int> = []
    for index in segment.nodes where !fusedAway.contains(index) {
      let node = graph.nodes[index]
      self.node = index
      let fused = graph.fusedActivation(of: index, in: segment, readers: readersOf)
      if let fused { fusedAway.insert(fused) }
      try plan(node, fused: fused.map { graph.nodes[$0] })
      completedNodes[steps.count - 1] = fused ?? index
    }
  }

  private mutating func plan(_ node: Node, fused: Node?) throws(InferenceError) {
    switch node.operation {
    case .embedding: try planEmbedding(node)
    case .positions(let prefix): try planPositions(node, prefix: prefix)
    case .linear: try planLinear(node, fused: fused)
    case .convolution(let convolution): try planConvolution(node, convolution, fused: fused)
    case .expertLinear(let experts): try planExpertLinear(node, experts: experts)
    case .expertGate: try planExpertGate(node)
    case .activation(let activation): try planActivation(node, activation)
    case .add: try planAdd(node, fused: fused)
    case .gatedAdd: try planGatedAdd(node, fused: fused)
    case .layerNorm(let epsilon): try planLayerNorm(node, epsilon: epsilon)
    case .channelNorm(let epsilon): try planChannelNorm(node, epsilon: epsilon, fused: fused)
    case .attention(let heads, let causal): try planAttention(node, heads: heads, causal: causal)
    case .concatenate: try planConcatenate(node)
    case .flatten: bufferOf[node.output] = buffer(node.inputs[0])
    case .boundary: planBoundary(node)
    case .quantize: try planQuantize(node)
    case .pool(let kind): try planPool(node, kind)
    case .maxPool(let window): planMaxPool(node, window)
    case .l2Normalize: planL2Normalize(node)
    }
  }
}

// The graph's inputs and outputs.
extension Planner {
  private mutating func input(_ id: TensorID) throws(InferenceError) -> ProgramInput {
    switch (graph[id].dataType, graph[id].quantization) {
    case (.int32, _):
      let buffer = add(.rows(stream: stream(id).index, bytes: 4))
      bufferOf[id] = buffer
      return .tokens(buffer, vocabulary: try vocabulary(of: id))
    case (.uint8, .codes(let scale, _)): return .image(try image(id), scale: scale)
    case (.int16, .tensor(let scale, let limit)): return .rows(rows(id), scale: scale, limit: Int32(limit))
    default: throw .unsupportedInterface(tensor: graph[id].name)
    }
  }

  /// The smallest of the token tables that read identifiers.
  private func vocabulary(of id: TensorID) throws(InferenceError) -> Int {
    var smallest: Int?
    for node in readers(of: id) {
      guard node.operation == .embedding, case .fixed(let count) = graph[node.parameters[0]].shape.dimensions[0] else {
        throw .unsupportedInterface(tensor: graph[id].name)
      }
      smallest = min(smallest ?? count, count)
    }
    guard let smallest else { throw .unsupportedInterface(tensor: graph[id].name) }
    return smallest
  }

  private mutating func output(_ id: TensorID) throws(InferenceError) -> ProgramOutput {
    let scale: Float?
    switch (graph[id].dataType, graph[id].quantization) {
    case (.float32, _): scale = nil
    case (.int16, .tensor(let step, _)): scale = step
    default: throw .unsupportedInterface(tensor: graph[id].name)
    }
    let path: Segment.Role = graph.outputs(of: .local).contains(id) ? .local : .main
    return ProgramOutput(tensor: id, path: path, stream: stream(id), buffer: buffer(id), width: width(id), scale: scale)
  }

  private mutating func cut(at point: SplitPoint) -> Cut {
    let crossing = point.tensors.map { crossings[$0]! }
    // The peer has the codes of all boundaries before it decodes the first.
    for buffer in crossing.flatMap({ $0.rows.all }) {
      extend(buffer, to: stages[crossing[0].decoding])
      extend(buffer, to: stages.last ?? 0)
    }
    // The last boundary's decoding is the peer's: it stands at the end of the segment.
    return Cut(step: crossing.map { $0.decoding }.max()!, crossings: crossing)
  }
}

// What the operations' plans are written with.
extension Planner {
  /// Adds a step; it opens a new stage if it reads what the current stage writes. It runs where its stream may have rows.
  mutating func emit(_ step: Step, stream: StreamID, reads: [BufferID], writes: [BufferID]) {
    if reads.contains(where: writtenInStage.contains) || stages.isEmpty {
      stages.append((stages.last ?? -1) + 1)
      writtenInStage = []
    } else {
      stages.append(stages.last!)
    }
    steps.append(step)
    segments.append(segment)
    nodes.append(node)
    let inputs = streams[stream].inputs
    let source = reads.reduce(inputs) { $0 | sourcesOf[$1, default: 0] }
    dependencies.append(inputs)
    sources.append(source)
    // What is not computed again when other inputs join or a run is continued.
    lasting.formUnion(reads.filter { sourcesOf[$0] != nil && sourcesOf[$0] != source })
    for buffer in writes { sourcesOf[buffer] = source }
    writtenInStage.formUnion(writes)
    for buffer in reads + writes { extend(buffer, to: stages.last!) }
  }

  /// A new buffer, which lives from the first step that touches it to the last.
  mutating func add(_ size: BufferSize) -> BufferID {
    buffers.append(Buffer(size: size, stages: Int.max...Int.max))
    return BufferID(index: buffers.count - 1)
  }

  /// A new buffer that keeps its contents from run to run.
  mutating func addLasting(_ size: BufferSize) -> BufferID {
    let buffer = add(size)
    lasting.insert(buffer)
    return buffer
  }

  /// The rows of a tensor that is an input or was written before.
  func stream(_ id: TensorID) -> StreamID { streams[id] }

  /// Throws unless every request brings as many rows to both.
  func expectSameRows(_ first: TensorID, _ second: TensorID, _ node: Node) throws(InferenceError) {
    guard stream(first) == stream(second) else { throw .differentRows(node: node.name) }
  }

  private func readers(of id: TensorID) -> [Node] { (readersOf[id] ?? []).map { graph.nodes[$0] } }

  /// The buffer of an activation.
  mutating func buffer(_ id: TensorID) -> BufferID {
    if let known = bufferOf[id] { return known }
    let made = add(.rows(stream: stream(id).index, bytes: width(id) * graph[id].dataType.size))
    bufferOf[id] = made
    return made
  }

  /// An activation of int16 rows.
  mutating func rows(_ id: TensorID) -> Rows { Rows(stream: stream(id), buffer: buffer(id), width: width(id)) }

  /// An activation of 8-bit codes, with the room that its readers need.
  mutating func image(_ id: TensorID) throws(InferenceError) -> CodeImage {
    if let known = imageOf[id] { return known }
    guard let size = graph[id].shape.imageSize, case .codes(_, let zero) = graph[id].quantization else {
      throw .notQuantized(tensor: graph[id].name)
    }
    let draft = CodeImage(
      stream: stream(id), buffer: BufferID(index: 0), size: size, channels: width(id), padding: try padding(around: id),
      zero: UInt8(zero))
    let image = CodeImage(
      stream: draft.stream, buffer: add(.item(bytes: draft.byteCount)), size: size, channels: draft.channels, padding: draft.padding,
      zero: draft.zero)
    imageOf[id] = image
    bufferOf[id] = image.buffer
    return image
  }

  /// The most that any convolution that reads an image needs at each side.
  private func padding(around id: TensorID) throws(InferenceError) -> Window.Padding {
    var most = Window.Padding.none
    for node in readers(of: id) {
      guard case .convolution(let convolution) = node.operation else { throw .notQuantized(tensor: graph[id].name) }
      let own = convolution.window.padding
      most = Window.Padding(
        top: max(most.top, own.top), bottom: max(most.bottom, own.bottom), left: max(most.left, own.left),
        right: max(most.right, own.right))
    }
    return most
  }

  /// The 8-bit form of a tensor's rows, made once by `make`.
  mutating func rowBuffers(_ id: TensorID, make: (inout Planner) -> RowBuffers) -> RowBuffers {
    if let known = rowBuffersOf[id] { return known }
    let made = make(&self)
    rowBuffersOf[id] = made
    return made
  }

  /// The routing by a tensor of logits, made once by `make`.
  mutating func routing(_ id: TensorID, make: (inout Planner) throws(InferenceError) -> Routing) throws(InferenceError) -> Routing {
    if let known = routingOf[id] { return known }
    let made = try make(&self)
    routingOf[id] = made
    return made
  }

  /// Marks the next step as the one that decodes a boundary's codes.
  mutating func cross(_ node: Node, rows: RowBuffers) {
    rowBuffersOf[node.output] = rows
    crossings[node.output] = Crossing(tensor: node.output, rows: rows, decoding: steps.count)
  }

  private mutating func extend(_ buffer: BufferID, to stage: Int) {
    let old = buffers[buffer.index].stages
    buffers[buffer.index].stages = min(old.lowerBound, stage)...(old.upperBound == Int.max ? stage : max(old.upperBound, stage))
  }

  /// Numbers that are computed when the segment is first wanted.
  func constant(_ count: Int, _ value: @escaping (Int) -> Float) -> UnsafePointer<Float> {
    constants.make(count, segment: segment) { values in
      for index in values.indices { values[index] = value(index) }
    }
  }

  /// Each of `count` parameters, times the factor over the divisor; zeros where there are none.
  func constant(_ count: Int, of source: UnsafePointer<Float>?, times factor: Float = 1, over divisor: Float) -> UnsafePointer<Float> {
    constants.make(count, segment: segment) { values in
      guard let source else { return values.update(repeating: 0) }
      for index in values.indices { values[index] = factor * source[index] / divisor }
    }
  }

  func width(_ id: TensorID) -> Int { graph[id].shape.width ?? 1 }

  func quantization(_ id: TensorID) throws(InferenceError) -> (scale: Float, limit: Int32) {
    guard case .tensor(let scale, let limit) = graph[id].quantization else { throw .notQuantized(tensor: graph[id].name) }
    return (scale, Int32(limit))
  }

  func matrix(_ id: TensorID) throws(InferenceError) -> QuantizedMatrix {
    let view = bundle.parameter(id)
    guard graph[id].dataType == .int8, let values = view.values.baseAddress, let scales = view.scales else {
      throw .notQuantized(tensor: graph[id].name)
    }
    return QuantizedMatrix(values: values.assumingMemoryBound(to: Int8.self), scales: scales, sums: view.sums, proofs: view.proofs)
  }

  func vector(_ id: TensorID) throws(InferenceError) -> UnsafePointer<Float> {
    guard graph[id].dataType == .float32, let values = bundle.parameter(id).values.baseAddress else {
      throw .notQuantized(tensor: graph[id].name)
    }
    return values.assumingMemoryBound(to: Float.self)
  }
}

/// An int8 matrix in the mapped bundle.
struct QuantizedMatrix {
  let values: UnsafePointer<Int8>
  let scales: UnsafePointer<Float>
  /// Of each row, where products read the matrix.
  let sums: UnsafePointer<Int32>?
  /// Of each block of its rows, where the bundle holds them.
  let proofs: UnsafePointer<UInt8>?
}
