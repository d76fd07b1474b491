import Inference
import ModelGraph

/// Where everything lies in the arena for one batch: found by a dry run over the layouts, without computing.
///
/// Stages are: step i forward is stage i, then the losses, then steps backward in reverse. A buffer is kept from its first stage to its
/// last, and shares its place with others at other times.
struct TapePlan {
  /// The layouts of the graph's inputs that the plan is for.
  let inputs: [RowLayout]
  private(set) var layouts: [RowLayout] = []
  /// Offsets in elements, by value.
  private(set) var values: [Int] = []
  private(set) var gradients: [Int?] = []
  /// By step.
  private(set) var saved: [Int] = []
  /// Whether the gradient that a step gives an input is the first, by step and input.
  private(set) var isFirst: [[Bool]] = []
  private(set) var elements = 0

  /// `inputs` are the layouts of the graph's inputs. Values in `outputs` are kept until the losses have read them.
  init(_ program: Program, inputs: [RowLayout], outputs: [Int], isTraining: Bool) throws(InterpreterError) {
    self.inputs = inputs
    layouts = inputs
    for step in program.steps {
      guard let layout = step.operation.layout(step.inputs.map { layouts[$0] }) else {
        throw .differentRows(node: program.graph.nodes[step.node].name)
      }
      layouts.append(layout)
    }
    var buffers = PlannedBuffers()
    let last = Self.lastReads(program, outputs: outputs, isTraining: isTraining)
    let writers = Self.writers(program)
    let valueBuffers = program.values.indices.map { value in
      buffers.add(layouts[value].count * program.values[value].columns, (writers[value] ?? 0)...last[value])
    }
    let end = 2 * program.steps.count
    let savedBuffers = program.steps.enumerated().map { index, step in
      buffers.add(step.operation.savedCount(step.inputs.map { layouts[$0] }), index...(isTraining ? end - index : index))
    }
    let gradientBuffers = isTraining ? addGradients(program, outputs: outputs, writers, to: &buffers) : []
    let offsets = buffers.place()
    values = valueBuffers.map { offsets[$0] }
    saved = savedBuffers.map { offsets[$0] }
    gradients = isTraining ? gradientBuffers.map { $0.map { offsets[$0] } } : program.values.map { _ in nil }
    elements = buffers.elements
  }

  private static func writers(_ program: Program) -> [Int?] {
    var writers = [Int?](repeating: nil, count: program.values.count)
    for (index, step) in program.steps.enumerated() { writers[step.output] = index }
    return writers
  }

  /// The last stage that reads each value.
  private static func lastReads(_ program: Program, outputs: [Int], isTraining: Bool) -> [Int] {
    let count = program.steps.count
    var last = [Int](repeating: 0, count: program.values.count)
    for (index, step) in program.steps.enumerated() {
      let reads = step.operation.backwardReads
      let isRead = isTraining && program.values[step.output].isTrained
      for input in step.inputs { last[input] = max(last[input], isRead && reads.contains(.inputs) ? 2 * count - index : index) }
      last[step.output] = max(last[step.output], isRead && reads.contains(.output) ? 2 * count - index : index)
    }
    for output in outputs { last[output] = max(last[output], count) }
    return last
  }

  /// A gradient is kept from when the first part of it comes to when the step that made the value has read it.
  private mutating func addGradients(
    _ program: Program, outputs: [Int], _ writers: [Int?], to buffers: inout PlannedBuffers
  ) -> [Int?] {
    let count = program.steps.count
    var first = [Int?](repeating: nil, count: program.values.count)
    for output in outputs where program.values[output].isTrained { first[output] = count }
    isFirst = program.steps.map { $0.inputs.map { _ in false } }
    for (index, step) in program.steps.enumerated().reversed() where program.values[step.output].isTrained && first[step.output] != nil {
      for (place, input) in step.inputs.enumerated() where program.values[input].isTrained && step.operation.gives(gradientOf: place) {
        isFirst[index][place] = first[input] == nil
        first[input] = first[input] ?? 2 * count - index
      }
    }
    return program.values.indices.map { value in
      guard let first = first[value], let writer = writers[value] else { return nil }
      return buffers.add(layouts[value].count * program.values[value].columns, first...2 * count - writer)
    }
  }
}

/// Buffers to be placed in one arena.
private struct PlannedBuffers {
  private var all: [Buffer] = []
  private(set) var elements = 0

  mutating func add(_ count: Int, _ stages: ClosedRange<Int>) -> Int {
    all.append(Buffer(size: .fixed(bytes: count * MemoryLayout<Float>.stride), stages: stages))
    return all.count - 1
  }

  /// The offsets, in elements.
  mutating func place() -> [Int] {
    let layout = ArenaLayout(buffers: all) { size in
      guard case .fixed(let bytes) = size else { return 0 }
      return bytes
    }
    elements = layout.byteCount / MemoryLayout<Float>.stride
    return layout.offsets.map { $0 / MemoryLayout<Float>.stride }
  }
}
