import BundleFormat
import ModelGraph

/// Turns a quantised graph into steps over buffers. Beside each operation's step stands its `plan…` function.
struct Planner {
  let bundle: Bundle
  let constants = Constants()
  var rowBuffers: [TensorID: RowBuffers] = [:]
  private var graph: Graph { bundle.graph }
  private var steps: [Step] = []
  private var stages: [Int] = []
  private var buffers: [Buffer] = []
  private var bufferOf: [TensorID: BufferID] = [:]
  private var writtenInStage: Set<BufferID> = []
  private var cuts: [TensorID: Cut] = [:]
  private var completedNodes: [Int: Int] = [:]

  init(bundle: Bundle) { self.bundle = bundle }

  /// Plans every node.
  consuming func program() throws(InferenceError) -> Program {
    let interface = try verifiedInterface()
    for id in graph.inputs { bufferOf[id] = add(.rows(bytes: 4)) }
    var fusedAway: Set<TensorID> = []
    for (index, node) in graph.nodes.enumerated() where !fusedAway.contains(node.output) {
      let fused = activationOnly(reading: node)
      if let fused { fusedAway.insert(graph.nodes[fused].output) }
      try plan(node, fused: fused.map { graph.nodes[$0] })
      completedNodes[steps.count - 1] = fused ?? index
    }
    let last = stages.last ?? 0
    for id in graph.outputs { extend(buffer(id), to: last) }
    return Program(
      steps: steps, stages: stages, buffers: buffers, input: bufferOf[interface.input]!, output: bufferOf[interface.output]!,
      outputWidth: width(interface.output), vocabulary: interface.vocabulary, cuts: graph.splitPoints.map { cuts[$0.tensor]! },
      completedNodes: completedNodes, bufferOfTensor: bufferOf, constants: constants)
  }

  private mutating func plan(_ node: Node, fused: Node?) throws(InferenceError) {
    switch node.operation {
    case .embedding: try planEmbedding(node)
    case .linear: try planLinear(node, fused: fused)
    case .activation(let activation): try planActivation(node, activation)
    case .add: try planAdd(node)
    case .layerNorm(let epsilon): try planLayerNorm(node, epsilon: epsilon)
    case .attention(let heads): try planAttention(node, heads: heads)
    case .boundary: planBoundary(node)
    case .pool(let kind): try planPool(node, kind)
    case .l2Normalize: planL2Normalize(node)
    }
  }

  /// The place of the activation node that alone reads a product, so that the product can apply it before it rounds.
  private func activationOnly(reading node: Node) -> Int? {
    guard node.operation == .linear, !graph.outputs.contains(node.output) else { return nil }
    let readers = graph.nodes.indices.filter { graph.nodes[$0].inputs.contains(node.output) }
    guard readers.count == 1, graph.nodes[readers[0]].activation != nil else { return nil }
    return readers[0]
  }

  private func verifiedInterface() throws(InferenceError) -> (input: TensorID, output: TensorID, vocabulary: Int) {
    for id in graph.inputs where graph[id].dataType != .int32 { throw .unsupportedInterface(tensor: graph[id].name) }
    for id in graph.outputs where graph[id].dataType != .float32 { throw .unsupportedInterface(tensor: graph[id].name) }
    guard graph.inputs.count == 1, graph.outputs.count == 1, graph.nodes[0].operation == .embedding,
      case .fixed(let vocabulary) = graph[graph.nodes[0].parameters[0]].shape.dimensions[0]
    else { throw .unsupportedInterface(tensor: graph[graph.outputs[0]].name) }
    return (graph.inputs[0], graph.outputs[0], vocabulary)
  }
}

// What the operations' plans are written with.
extension Planner {
  /// Adds a step; it opens a new stage if it reads what the current stage writes.
  mutating func emit(_ step: Step, reads: [BufferID], writes: [BufferID]) {
    if reads.contains(where: writtenInStage.contains) || stages.isEmpty {
      stages.append((stages.last ?? -1) + 1)
      writtenInStage = []
    } else {
      stages.append(stages.last!)
    }
    steps.append(step)
    writtenInStage.formUnion(writes)
    for buffer in reads + writes { extend(buffer, to: stages.last!) }
  }

  /// Marks the place behind the step that completed a boundary's codes.
  mutating func cut(after node: Node, rows: RowBuffers) { cuts[node.output] = Cut(step: steps.count, rows: rows) }

  /// A new buffer, which lives from the first step that touches it to the last.
  mutating func add(_ size: BufferSize) -> BufferID {
    buffers.append(Buffer(size: size, stages: Int.max...Int.max))
    return BufferID(index: buffers.count - 1)
  }

  /// The buffer of an activation.
  mutating func buffer(_ id: TensorID) -> BufferID {
    if let known = bufferOf[id] { return known }
    let tensor = graph[id]
    let bytes = width(id) * tensor.dataType.size
    let made = add(tensor.shape.dimensions.contains(.sequence) ? .rows(bytes: bytes) : .fixed(bytes: bytes))
    bufferOf[id] = made
    return made
  }

  private mutating func extend(_ buffer: BufferID, to stage: Int) {
    let old = buffers[buffer.index].stages
    buffers[buffer.index].stages = min(old.lowerBound, stage)...(old.upperBound == Int.max ? stage : max(old.upperBound, stage))
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
  /// Of each row, where `linear` reads the matrix.
  let sums: UnsafePointer<Int32>?
  /// Of each block of its rows, where the bundle holds them.
  let proofs: UnsafePointer<UInt8>?
}
