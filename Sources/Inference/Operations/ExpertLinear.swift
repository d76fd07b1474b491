import CKernels
import CPosix
import ModelGraph

/// Which expert each row goes to: rows in the order of their experts, and with what probability each.
struct Routing: Hashable {
  let stream: StreamID
  let experts: Int
  let choice: BufferID
  let probability: BufferID
  /// Int32: the rows, those of the first expert first.
  let order: BufferID
  /// Int32, one more than experts: where each expert's rows begin in `order`.
  let starts: BufferID

  var all: [BufferID] { [choice, probability, order, starts] }
}

/// Logits → routing.
struct RouteStep {
  let logits: Rows
  let scoreScale: Float
  let routing: Routing

  func run(_ frame: borrowing Frame, thread: Int) {
    guard thread == 0 else { return }
    let rows = frame.count(logits.stream)
    let choice: UnsafeMutablePointer<UInt16> = frame.pointer(routing.choice)
    frame.kernels.pointee.route(frame.pointer(logits.buffer), rows, routing.experts, scoreScale, choice, frame.pointer(routing.probability))
    let starts: UnsafeMutablePointer<Int32> = frame.pointer(routing.starts)
    let order: UnsafeMutablePointer<Int32> = frame.pointer(routing.order)
    var next: Int32 = 0
    for expert in 0..<routing.experts {
      starts[expert] = next
      for row in 0..<rows where Int(choice[row]) == expert {
        order[Int(next)] = Int32(row)
        next += 1
      }
    }
    starts[routing.experts] = next
  }
}

/// 8-bit rows → the same in the order of their experts.
struct GatherRowsStep {
  let input: RowBuffers
  let routing: Routing
  let output: RowBuffers

  func run(_ frame: borrowing Frame, thread: Int) {
    let source = frame.rows(input)
    let target = frame.rows(output)
    let order: UnsafeMutablePointer<Int32> = frame.pointer(routing.order)
    for place in frame.share(of: input.stream, thread: thread) {
      let row = Int(order[place])
      memcpy(target.codes + place * target.stride, source.codes + row * source.stride, source.stride)
      target.range[place] = source.range[row]
      target.zero[place] = source.zero[row]
    }
  }
}

/// Each expert's rows through its own product: only chosen experts are computed. Results come in the order of the experts.
struct ExpertLinearStep {
  let input: RowBuffers
  let routing: Routing
  let output: BufferID
  /// Of the first expert; those of the others follow.
  let product: Product

  func run(_ frame: borrowing Frame, thread: Int) {
    let rows = frame.rows(input)
    let starts: UnsafeMutablePointer<Int32> = frame.pointer(routing.starts)
    let columns = frame.share(of: product.outputs, block: LinearStep.columnsOfShare, thread: thread)
    for expert in 0..<routing.experts where starts[expert] < starts[expert + 1] {
      let begin = Int(starts[expert])
      let first = expert * product.outputs
      var arguments = product.arguments(
        rows: rows.advanced(by: begin), inputs: input.width, y: frame.pointer(output) + begin * product.outputs)
      arguments.weights += first * input.stride
      arguments.sums += first
      arguments.multiplier += first
      arguments.bias += first
      if arguments.proof != nil { arguments.proof += first / Int(KERNELS_BLOCK_COLUMNS) }
      frame.kernels.pointee.gemm(&arguments, 0, Int(starts[expert + 1]) - begin, columns.lowerBound, columns.upperBound)
    }
  }
}

/// Rows in the order of their experts → in their own order, each · a factor of its own.
struct ExpertGateStep {
  let input: BufferID
  /// Whether the rows come in the order of the experts, else in their own.
  let isGathered: Bool
  /// Whether each row is weighted with its probability.
  let isWeighted: Bool
  let output: Rows
  let routing: Routing
  let rescale: Float
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    let order: UnsafeMutablePointer<Int32> = frame.pointer(routing.order)
    let probability: UnsafeMutablePointer<Float> = frame.pointer(routing.probability)
    let y: UnsafeMutablePointer<Int16> = frame.pointer(output.buffer)
    for place in frame.share(of: output.stream, thread: thread) {
      let row = isGathered ? Int(order[place]) : place
      frame.rescale(
        input, (place..<place + 1).elements(output.width), by: isWeighted ? probability[row] * rescale : rescale,
        to: y + row * output.width, limit: limit)
    }
  }
}

extension Planner {
  mutating func planExpertLinear(_ node: Node, experts: Int) throws(InferenceError) {
    try expectSameRows(node.inputs[0], node.inputs[1], node)
    let routing = try routing(by: node.inputs[1])
    let rows = quantizedRows(node.inputs[0])
    let gathered = addRowBuffers(rows.stream, width: rows.width)
    emit(
      .gatherRows(GatherRowsStep(input: rows, routing: routing, output: gathered)), stream: rows.stream, reads: rows.all + routing.all,
      writes: gathered.all)
    let output = self.rows(node.output)
    let mixed = add(.rows(stream: rows.stream.index, bytes: 2 * output.width))
    let all = try product(node, outputs: experts * output.width, fused: nil)
    let product = Product(
      weights: all.weights, sums: all.sums, multiplier: all.multiplier, bias: all.bias, outputs: output.width, limit: all.limit,
      activation: all.activation, rescale: all.rescale, proofs: all.proofs)
    emit(
      .expertLinear(ExpertLinearStep(input: gathered, routing: routing, output: mixed, product: product)), stream: rows.stream,
      reads: gathered.all + routing.all, writes: [mixed])
    let scatter = ExpertGateStep(
      input: mixed, isGathered: true, isWeighted: false, output: output, routing: routing, rescale: 1, limit: product.limit)
    emit(.expertGate(scatter), stream: output.stream, reads: [mixed] + routing.all, writes: [output.buffer])
  }

  mutating func planExpertGate(_ node: Node) throws(InferenceError) {
    try expectSameRows(node.inputs[0], node.inputs[1], node)
    let routing = try routing(by: node.inputs[1])
    let output = try quantization(node.output)
    let step = ExpertGateStep(
      input: buffer(node.inputs[0]), isGathered: false, isWeighted: true, output: rows(node.output), routing: routing,
      rescale: try quantization(node.inputs[0]).scale / output.scale, limit: output.limit)
    emit(.expertGate(step), stream: step.output.stream, reads: [step.input] + routing.all, writes: [step.output.buffer])
  }

  private mutating func routing(by logits: TensorID) throws(InferenceError) -> Routing {
    try routing(logits) { planner throws(InferenceError) in
      let rows = planner.rows(logits)
      let logarithmOf2 = 0.693_147_180_559_945_3
      let scale = Double(try planner.quantization(logits).scale) / logarithmOf2
      let routing = Routing(
        stream: rows.stream, experts: rows.width, choice: planner.add(.rows(stream: rows.stream.index, bytes: 2)),
        probability: planner.add(.rows(stream: rows.stream.index, bytes: 4)),
        order: planner.add(.rows(stream: rows.stream.index, bytes: 4)), starts: planner.add(.fixed(bytes: 4 * (rows.width + 1))))
      let step = RouteStep(logits: rows, scoreScale: Float(scale), routing: routing)
      planner.emit(.route(step), stream: rows.stream, reads: [rows.buffer], writes: routing.all)
      return routing
    }
  }
}
