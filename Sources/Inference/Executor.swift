import CKernels
import ModelGraph

/// The state that a session's threads share: the arena, and which steps run over how many rows. Written by the calling thread between
/// runs only.
final class Executor: @unchecked Sendable {
  private(set) var frame: Frame
  var steps: Range<Int> = 0..<0
  private let program: Program
  private let arena: Arena
  private let layouts: [ArenaLayout]
  /// The offsets of all layouts, one after the other.
  private let offsets: UnsafeMutablePointer<Int>

  init(model: Model, threads: Int, kernels: KernelSet) throws(InferenceError) {
    program = model.program
    layouts = program.layouts(sequenceLimit: model.graph.limits.sequence, threads: threads, kernels: kernels.table)
    arena = try Arena(byteCount: layouts.map { $0.byteCount }.max() ?? 0)
    let all = layouts.flatMap { $0.offsets }
    offsets = .allocate(capacity: all.count)
    offsets.initialize(from: all, count: all.count)
    frame = Frame(base: arena.base, offsets: offsets, rows: 0, threads: threads, kernels: kernels.table)
  }

  deinit { offsets.deallocate() }

  /// Takes the smallest layout that holds the sequence.
  func choose(sequence: Int) {
    let layout = layouts.firstIndex { $0.rows >= sequence } ?? layouts.count - 1
    frame = Frame(
      base: arena.base, offsets: offsets + layout * program.buffers.count, rows: sequence, threads: frame.threads,
      kernels: frame.kernels)
  }

  /// Runs the chosen steps; every thread of the team calls it.
  func run(thread: Int, barrier: Barrier) {
    for step in steps {
      if step > steps.lowerBound, program.stages[step] != program.stages[step - 1] { barrier.meet() }
      program.steps[step].run(frame, thread: thread)
    }
  }

  /// Copies rows out as features.
  func store(_ rows: RowBuffers, sequence: Int, into features: inout MutableSpan<UInt8>) {
    let source = frame.rows(rows)
    for row in 0..<sequence {
      for column in 0..<rows.width { features[row * rows.width + column] = source.codes[row * rows.stride + column] }
      features[sequence * rows.width + 2 * row] = UInt8(truncatingIfNeeded: source.range[row])
      features[sequence * rows.width + 2 * row + 1] = UInt8(truncatingIfNeeded: source.range[row] >> 8)
      features[sequence * (rows.width + 2) + row] = source.zero[row]
    }
  }

  /// Copies features in as rows; what lies beyond the width is zeroed as the kernels expect.
  func load(_ rows: RowBuffers, sequence: Int, from features: Span<UInt8>) throws(InferenceError) {
    let target = frame.rows(rows)
    for row in 0..<sequence {
      for column in 0..<rows.stride {
        target.codes[row * rows.stride + column] = column < rows.width ? features[row * rows.width + column] : 0
      }
      let low = UInt16(features[sequence * rows.width + 2 * row])
      let high = UInt16(features[sequence * rows.width + 2 * row + 1])
      guard low | high != 0 else { throw .badFeatures(row: row) }
      target.range[row] = high << 8 | low
      target.zero[row] = features[sequence * (rows.width + 2) + row]
    }
  }

  /// The real values that a tensor holds.
  func values(of tensor: Tensor, in buffer: BufferID, sequence: Int) -> [Float] {
    let count = tensor.shape.elementCount(batch: 1, sequence: sequence) ?? 0
    switch tensor.quantization {
    case .tensor(let scale, _):
      let place: UnsafeMutablePointer<Int16> = frame.pointer(buffer)
      return (0..<count).map { Float(place[$0]) * scale }
    case .none, .rows:
      let place: UnsafeMutablePointer<Float> = frame.pointer(buffer)
      return (0..<count).map { place[$0] }
    }
  }
}
