import CKernels
package import ModelGraph

/// Runs a model, one request or one batch of features at a time, on a set number of threads. Not to be used from two threads at once.
///
/// A request is `begin`, a `load` for each input that it brings, `run`, and reading outputs. All memory is taken when the session is made:
/// after the first run of a kind of request a run allocates nothing. The result has the same bits for every number of threads, every set of
/// kernels, every split point and in every batch.
package final class Session {
  package let model: Model
  /// The first columns of boundaries' rows that features keep: codes of the others are those of zero. What is absent keeps all.
  package var keptColumns: [TensorID: Int] = [:]
  private let executor: Executor
  private let team: ThreadTeam
  /// Inputs that came after what was computed, a bit each.
  private var fresh: UInt64 = 0
  /// The steps of the main path before this one have run, for all inputs that are not fresh.
  private var reached = 0
  /// That of the last run.
  private var path = Segment.Role.main
  /// Tokens of the runs that this one continues.
  private var past = 0

  /// `batch` is the largest batch, 1 or more.
  package init(model: Model, threads: Int = 1, kernels: KernelSet? = nil, batch: Int = 1) throws(InferenceError) {
    let executor = try Executor(model: model, threads: threads, kernels: kernels ?? KernelSet.widest, batch: max(1, batch))
    self.model = model
    self.executor = executor
    team = try ThreadTeam(count: threads) { [executor] thread, barrier in executor.run(thread: thread, barrier: barrier) }
  }

  /// Bytes that runs take at most, beside the bundle's.
  package var byteCount: Int { executor.arena.byteCount }

  private var program: Program { model.program }
  private var batch: Batch { executor.batch }

  /// Starts a request of `sequence` tokens (1 where it brings none).
  package func begin(sequence: Int = 1) throws(InferenceError) {
    let limit = model.graph.limits.sequence
    guard (1...limit).contains(sequence) else { throw .sequence(sequence, limit: limit) }
    batch.begin(Batch.Item(sequence: sequence, present: 0))
    begin()
  }

  /// Starts with the requests that are in the batch.
  private func begin() {
    (fresh, reached, path, past) = (0, 0, .main, 0)
    executor.choose(active: 0)
  }

  /// Brings token identifiers, as many as `begin` was told, and checks of the bundle what rows of theirs no request before brought. `input`
  /// is a place in `Graph.inputs`.
  package func load(tokens: Span<Int32>, input: Int = 0) throws(InferenceError) {
    guard case .tokens(let buffer, let vocabulary) = try self.input(input) else { throw notThisKind(input) }
    guard tokens.count == batch[0].sequence else { throw .sequence(tokens.count, limit: batch[0].sequence) }
    let place: UnsafeMutablePointer<Int32> = executor.frame.pointer(buffer)
    for index in tokens.indices {
      guard (0..<Int32(vocabulary)).contains(tokens[index]) else { throw .token(tokens[index], vocabulary: vocabulary) }
      place[index] = tokens[index]
    }
    try model.activate(tokens: tokens, input: input)
    mark(input)
  }

  /// Brings an image as the model's own 8-bit codes [height, width, channels].
  package func load(codes: Span<UInt8>, input: Int) throws(InferenceError) {
    guard case .image(let image, _) = try self.input(input) else { throw notThisKind(input) }
    try fill(image, count: codes.count) { codes[$0] }
    mark(input)
  }

  /// Brings real values, row-major, which are rounded to the input's own integers: the samples of a sound, rows of features, an image.
  package func load(values: Span<Float>, input: Int) throws(InferenceError) {
    switch try self.input(input) {
    case .tokens: throw notThisKind(input)
    case .rows(let rows, let scale, let limit):
      let count = program.streams.most(rows.stream, sequence: batch[0].sequence) * rows.width
      try expect(values.count, count)
      let place: UnsafeMutablePointer<Int16> = executor.frame.pointer(rows.buffer)
      for index in 0..<count { place[index] = Int16(rounded(values[index] / scale, in: -Float(limit)...Float(limit))) }
      mark(input)
    case .image(let image, let scale):
      let zero = Float(image.zero)
      try fill(image, count: values.count) { UInt8(rounded(values[$0] / scale, in: -zero...255 - zero) + zero) }
      mark(input)
    }
  }

  /// Writes an image of `count` codes and its edge. `code` gives the code at a place of the row-major input.
  private func fill(_ image: CodeImage, count: Int, code: (Int) -> UInt8) throws(InferenceError) {
    let line = image.size.width * image.channels
    try expect(count, image.elements)
    image.fillEdge(executor.frame)
    let place: UnsafeMutablePointer<UInt8> = executor.frame.pointer(image.buffer)
    for row in 0..<image.size.height {
      let start = image.offset(line: row, column: 0)
      for column in 0..<line { place[start + column] = code(row * line + column) }
    }
  }

  /// Takes down that an input was brought.
  private func mark(_ input: Int) {
    batch[0].present |= 1 << UInt64(input)
    fresh |= 1 << UInt64(input)
  }

  /// Whether the model has a local path.
  package var hasLocalPath: Bool { program.mainEnd < program.steps.count }

  /// Checks now what a run of what was brought needs of the bundle, if no run before did.
  package func activate() throws(InferenceError) { try activate(0..<program.mainEnd) }

  private func activate(_ steps: Range<Int>) throws(InferenceError) {
    try model.activate(steps: steps, present: batch.present) { check in
      executor.check = check
      team.run()
      executor.check = nil
    }
  }

  /// Runs all of the main path that depends on what was brought, which stays for another run.
  package func run() throws(InferenceError) {
    reached = 0
    try complete(.main)
  }

  /// Runs what of a path has not been computed yet for what was brought: after `run(until:)` the rest, after further inputs were brought
  /// what depends on them. The bits are those of a run of everything.
  package func complete(_ path: Segment.Role) throws(InferenceError) {
    self.path = path
    try advance(to: path == .main ? program.mainEnd : program.fork)
    guard path == .local else { return }
    try run(program.mainEnd..<program.steps.count, active: batch.present)
    // Between fork and end the local path's buffers may lie where the main path's are.
    if reached < program.mainEnd { reached = program.fork }
  }

  /// Has the main path computed up to a step.
  private func advance(to end: Int) throws(InferenceError) {
    // What a run that ended elsewhere has left may be overwritten when further inputs are computed.
    let isKept = fresh == 0 || reached == program.fork || reached == program.mainEnd
    let known = isKept ? min(reached, end) : 0
    try run(0..<known, active: fresh)
    try run(known..<end, active: batch.present)
    reached = fresh == 0 ? max(reached, end) : end
    fresh = 0
  }

  /// Runs the device's part and stores the features that cross the split point. What has run for the local path is not computed again
  /// where the main path goes on from the same rows.
  package func run(until split: Int, features: inout MutableSpan<UInt8>) throws(InferenceError) {
    let cut = program.cuts[split]
    path = .main
    if reached != program.fork || !cut.isFork(at: program.fork) { reached = 0 }
    try advance(to: cut.step)
    try expect(features.count, featureByteCount(split: split))
    var place = 0
    for crossing in cut.crossings {
      let kept = keptColumns[crossing.tensor] ?? crossing.rows.width
      place = executor.store(crossing.rows, columns: kept, into: &features, at: place)
    }
  }

  /// Bytes of the features of the request that has been brought.
  package func featureByteCount(split: Int) -> Int {
    executor.choose(active: batch.present)
    return program.cuts[split].crossings.reduce(0) { $0 + executor.frame.count($1.rows.stream) * ($1.rows.width + 3) }
  }

  /// Runs the peer's part on the features of a request of `sequence` tokens that brings those inputs (places in `Graph.inputs`, a bit
  /// each).
  package func run(features: Span<UInt8>, from split: Int, sequence: Int, present: UInt64 = .max) throws(InferenceError) {
    try model.check(features, split: split, sequence: sequence, present: present)
    batch.begin(Batch.Item(sequence: sequence, present: present))
    begin()
    load(features, at: split, item: 0)
    try run(from: split)
  }

  /// Runs the peer's part on the features of several requests together, 1 to as many as the session was made for.
  package func run(_ requests: [SplitFeatures], from split: Int) throws(InferenceError) {
    guard (1...batch.capacity).contains(requests.count) else { throw .batch(requests.count, limit: batch.capacity) }
    for request in requests {
      try model.check(request.features.span, split: split, sequence: request.sequence, present: request.present)
    }
    batch.begin(requests.map { Batch.Item(sequence: $0.sequence, present: $0.present) })
    begin()
    for (item, request) in requests.enumerated() { load(request.features.span, at: split, item: item) }
    try run(from: split)
  }

  /// The real values of what crosses a split point for such a request, each tensor's rows, as the peer's part reads them.
  package func values(of request: SplitFeatures, at split: Int) throws(InferenceError) -> [[Float]] {
    try model.check(request.features.span, split: split, sequence: request.sequence, present: request.present)
    batch.begin(Batch.Item(sequence: request.sequence, present: request.present))
    begin()
    load(request.features.span, at: split, item: 0)
    let crossings = program.cuts[split].crossings
    for crossing in crossings { try run(crossing.decoding..<crossing.decoding + 1, active: batch.present) }
    return crossings.map { values(of: $0.tensor) ?? [] }
  }

  /// Brings a request's features, which have been checked.
  private func load(_ features: Span<UInt8>, at split: Int, item: Int) {
    var place = 0
    for crossing in program.cuts[split].crossings { place = executor.load(crossing.rows, from: features, at: place, item: item) }
  }

  /// Runs the peer's part on the features that were brought.
  private func run(from split: Int) throws(InferenceError) {
    let cut = program.cuts[split]
    for crossing in cut.crossings where crossing.decoding < cut.step {
      try run(crossing.decoding..<crossing.decoding + 1, active: batch.present)
    }
    try run(cut.step..<program.mainEnd, active: batch.present)
  }

  /// Whether a run can be continued: the model is a decoder that puts out a row for each token.
  package var isGenerative: Bool { program.generation != nil }

  /// Continues the last run with more tokens: outputs are the rows of these alone, with the bits that a run of all tokens would give.
  /// What does not depend on tokens is not computed again, and keys and values of the tokens before are remembered.
  package func extend(tokens: Span<Int32>) throws(InferenceError) {
    guard let input = program.generation else { throw .notGenerative }
    let limit = model.graph.limits.sequence
    let all = past + batch[0].sequence
    guard batch.present & continued != 0, tokens.count > 0, all + tokens.count <= limit else {
      throw .sequence(all + tokens.count, limit: limit)
    }
    past = all
    batch.begin(Batch.Item(sequence: tokens.count, present: batch[0].present))
    try load(tokens: tokens, input: input)
    try complete(.main)
  }

  /// The bit of the input that runs are continued with.
  private var continued: UInt64 { program.generation.map { 1 << UInt64($0) } ?? 0 }

  /// Rows of an output (a place in `Graph.outputs`): 0 where the request did not bring what it depends on, or the last run took the other
  /// path. `item` is the request's place in a batch.
  package func rowCount(output: Int, item: Int = 0) -> Int {
    program.outputs[output].path == path ? executor.frame(of: item).count(program.outputs[output].stream) : 0
  }

  /// Copies an output's rows of a request, as real values.
  package func read(output index: Int, item: Int = 0, into values: inout MutableSpan<Float>) throws(InferenceError) {
    let output = program.outputs[index]
    try expect(values.count, rowCount(output: index, item: item) * output.width)
    let frame = executor.frame(of: item)
    if let scale = output.scale {
      let place: UnsafeMutablePointer<Int16> = frame.pointer(output.buffer)
      for index in values.indices { values[index] = Float(place[index]) * scale }
    } else {
      let place: UnsafeMutablePointer<Float> = frame.pointer(output.buffer)
      for index in values.indices { values[index] = place[index] }
    }
  }

  /// Runs what was brought step by step, on both paths, and shows the real values of each node's output when it is written. A node whose
  /// activation is fused has none of its own.
  package func trace(observe: (_ node: Int, _ values: [Float]) -> Void) throws(InferenceError) {
    for step in program.steps.indices where program.dependencies[step] & batch.present != 0 {
      try run(step..<step + 1, active: batch.present)
      guard let index = program.completedNodes[step], let values = values(of: model.graph.nodes[index].output) else { continue }
      observe(index, values)
    }
  }

  /// The nanoseconds that each node (a place in `Graph.nodes`) takes thread 0 in the runs that `body` does, waits for other threads
  /// included. An activation that is fused, and rows quantised for several readers, count to the node with which they run.
  package func nodeTimes<Failure: Error>(of body: () throws(Failure) -> Void) throws(Failure) -> [Int64] {
    let times = UnsafeMutablePointer<Int64>.allocate(capacity: program.steps.count)
    times.initialize(repeating: 0, count: program.steps.count)
    executor.stepTimes = times
    defer {
      executor.stepTimes = nil
      times.deallocate()
    }
    try body()
    var sums = [Int64](repeating: 0, count: model.graph.nodes.count)
    for step in program.steps.indices { sums[program.nodes[step]] += times[step] }
    return sums
  }

  private func values(of id: TensorID) -> [Float]? {
    guard let buffer = program.bufferOfTensor[id] else { return nil }
    if let image = program.imageOfTensor[id], case .codes(let scale, _) = model.graph[id].quantization {
      return executor.values(of: image, scale: scale)
    }
    return executor.values(of: model.graph[id], in: buffer, rows: executor.frame.count(program.streams[id]))
  }

  /// Runs those of the steps that depend on active inputs.
  private func run(_ steps: Range<Int>, active: UInt64) throws(InferenceError) {
    guard !steps.isEmpty, active != 0 else { return }
    try activate(steps)
    executor.choose(active: active, past: past)
    executor.steps = steps
    team.run()
  }

  private func input(_ index: Int) throws(InferenceError) -> ProgramInput {
    guard program.inputs.indices.contains(index) else { throw .unsupportedInterface(tensor: "number \(index)") }
    return program.inputs[index]
  }

  private func notThisKind(_ input: Int) -> InferenceError { .unsupportedInterface(tensor: model.graph[model.graph.inputs[input]].name) }

  private func expect(_ found: Int, _ expected: Int) throws(InferenceError) {
    guard found == expected else { throw .byteCount(found, expected: expected) }
  }
}

// Requests of text alone.
extension Session {
  /// Runs everything: identifiers of 1 to `limits.sequence` tokens → the first output.
  package func run(tokens: Span<Int32>, output: inout MutableSpan<Float>) throws(InferenceError) {
    try bring(tokens)
    try run()
    try read(output: 0, into: &output)
  }

  /// Runs the device's part: identifiers → the features that cross the split point.
  package func run(tokens: Span<Int32>, until split: Int, features: inout MutableSpan<UInt8>) throws(InferenceError) {
    try bring(tokens)
    try run(until: split, features: &features)
  }

  /// Runs the peer's part: features of `sequence` positions → the first output.
  package func run(features: Span<UInt8>, from split: Int, sequence: Int, output: inout MutableSpan<Float>) throws(InferenceError) {
    try run(features: features, from: split, sequence: sequence)
    try read(output: 0, into: &output)
  }

  private func bring(_ tokens: Span<Int32>) throws(InferenceError) {
    try begin(sequence: tokens.count)
    guard let input = program.inputs.firstIndex(where: { if case .tokens = $0 { true } else { false } }) else {
      throw .unsupportedInterface(tensor: "tokens")
    }
    try load(tokens: tokens, input: input)
  }
}

/// A request's features at a split point.
package struct SplitFeatures {
  package let features: [UInt8]
  /// Tokens of the request.
  package let sequence: Int
  /// The graph's inputs that it brings, a bit each.
  package let present: UInt64

  package init(features: [UInt8], sequence: Int, present: UInt64 = .max) {
    self.features = features
    self.sequence = sequence
    self.present = present
  }
}

/// The nearest whole number, half to even, in a range within ±2^22. Not a number becomes the lower bound.
private func rounded(_ value: Float, in range: ClosedRange<Float>) -> Float {
  let clamped = value > range.lowerBound ? min(value, range.upperBound) : range.lowerBound
  let magic: Float = 0x1.8p23
  return (clamped + magic) - magic
}
