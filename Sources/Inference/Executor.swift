import CKernels
import CPosix
import ModelGraph

/// The state that a session's threads share: the arena, and which steps run over how many rows. Written by the calling thread between
/// runs only.
final class Executor: @unchecked Sendable {
  let batch: Batch
  /// What steps see that look at each row by itself; of one request, what all of them see.
  private(set) var frame: Frame
  /// The steps that a run looks at.
  var steps: Range<Int> = 0..<0
  /// What is checked instead, where it is set.
  var check: PieceCheck?
  /// The inputs that the request brings, and those whose dependents run, a bit each.
  private var present: UInt64 = 0
  private var active: UInt64 = 0
  /// Nanoseconds of each step, to which thread 0 adds while there is one: from the end of the step before to its own, waits for other
  /// threads included.
  var stepTimes: UnsafeMutablePointer<Int64>?
  private let program: Program
  let arena: Arena
  private let sizes: [BatchSize]
  /// The offsets of the layouts for all sizes, one after the other.
  private let offsets: UnsafeMutablePointer<Int>

  init(model: Model, threads: Int, kernels: KernelSet, batch capacity: Int) throws(InferenceError) {
    let program = model.program
    self.program = program
    batch = Batch(program, capacity: capacity)
    batch.begin(Batch.Item(sequence: 1, present: 0))
    sizes = BatchSize.all(upTo: capacity, sequence: model.graph.limits.sequence)
    let layouts = sizes.map { program.layout($0, threads: threads, kernels: kernels.table) }
    arena = try Arena(byteCount: layouts.map { $0.byteCount }.max() ?? 0)
    let all = layouts.flatMap { $0.offsets }
    offsets = .allocate(capacity: all.count)
    offsets.initialize(from: all, count: all.count)
    let none = UnsafePointer(offsets)
    frame = Frame(base: arena.base, offsets: none, counts: none, longest: none, past: 0, threads: threads, kernels: kernels.table)
    choose(active: 0)
  }

  deinit { offsets.deallocate() }

  /// Takes the smallest layout that holds the batch, in which the inputs `active` are new. What a program remembers between runs lies where
  /// the largest layout puts it. `past` tokens came before.
  func choose(active: UInt64, past: Int = 0) {
    present = batch.present
    self.active = active
    let longest = batch.longest
    let layout = program.generation == nil ? sizes.firstIndex { $0.items >= batch.count && $0.sequence >= longest } : nil
    frame = batch.lay(offsets + (layout ?? sizes.count - 1) * program.buffers.count, past: past, like: frame)
  }

  /// What steps see that look at all rows of a request.
  func frame(of item: Int) -> Frame { batch.frame(item, of: frame) }

  /// Runs the check or the chosen steps; every thread of the team calls it.
  func run(thread: Int, barrier: Barrier) {
    if let check { return check.run() }
    let times = thread == 0 ? stepTimes : nil
    var last = times == nil ? 0 : posix_monotonic_ns()
    var stage = -1
    for step in steps where program.dependencies[step] & present != 0 && program.sources[step] & active != 0 {
      if stage >= 0, program.stages[step] != stage { barrier.meet() }
      stage = program.stages[step]
      if batch.count > 1, program.steps[step].isPerItem {
        for item in 0..<batch.count { program.steps[step].run(frame(of: item), thread: thread) }
      } else {
        program.steps[step].run(frame, thread: thread)
      }
      guard let times else { continue }
      let now = posix_monotonic_ns()
      times[step] += now - last
      last = now
    }
  }

  /// Copies rows out as features from `start` on, with zeros behind their first columns; returns where they end.
  func store(_ rows: RowBuffers, columns kept: Int, into features: inout MutableSpan<UInt8>, at start: Int) -> Int {
    let source = frame.rows(rows)
    let count = frame.count(rows.stream)
    let ranges = start + count * rows.width
    for row in 0..<count {
      for column in 0..<rows.width {
        features[start + row * rows.width + column] = column < kept ? source.codes[row * rows.stride + column] : source.zero[row]
      }
      features[ranges + 2 * row] = UInt8(truncatingIfNeeded: source.range[row])
      features[ranges + 2 * row + 1] = UInt8(truncatingIfNeeded: source.range[row] >> 8)
      features[ranges + 2 * count + row] = source.zero[row]
    }
    return ranges + 3 * count
  }

  /// Copies features in as a request's rows; what lies beyond the width is zeroed as the kernels expect. Returns where they end.
  func load(_ rows: RowBuffers, from features: Span<UInt8>, at start: Int, item: Int) -> Int {
    let frame = frame(of: item)
    let target = frame.rows(rows)
    let count = frame.count(rows.stream)
    let ranges = start + count * rows.width
    for row in 0..<count {
      for column in 0..<rows.stride {
        target.codes[row * rows.stride + column] = column < rows.width ? features[start + row * rows.width + column] : 0
      }
      target.range[row] = UInt16(features[ranges + 2 * row + 1]) << 8 | UInt16(features[ranges + 2 * row])
      target.zero[row] = features[ranges + 2 * count + row]
    }
    return ranges + 3 * count
  }

  /// The real values that a tensor of rows holds; nil for 8-bit codes, which lie with room around them.
  func values(of tensor: Tensor, in buffer: BufferID, rows: Int) -> [Float]? {
    let count = rows * (tensor.shape.width ?? 1)
    switch tensor.quantization {
    case .tensor(let scale, _):
      let place: UnsafeMutablePointer<Int16> = frame.pointer(buffer)
      return (0..<count).map { Float(place[$0]) * scale }
    case .none, .rows:
      let place: UnsafeMutablePointer<Float> = frame.pointer(buffer)
      return (0..<count).map { place[$0] }
    case .codes: return nil
    }
  }

  /// The real values of an image of codes.
  func values(of image: CodeImage, scale: Float) -> [Float] {
    let place: UnsafeMutablePointer<UInt8> = frame.pointer(image.buffer)
    var values: [Float] = []
    for line in 0..<image.size.height {
      let start = image.offset(line: line, column: 0)
      for index in start..<start + image.size.width * image.channels { values.append(Float(Int(place[index]) - Int(image.zero)) * scale) }
    }
    return values
  }
}
