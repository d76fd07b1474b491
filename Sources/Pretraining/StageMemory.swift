import Autograd
import BundleFormat
import ModelGraph
import Models
import Training

/// What a stage takes of memory, found without training it.
package struct StageMemory: Sendable {
  package let stage: String
  package let parameters: Int
  /// Examples of a pass, and the bytes that one takes with all modalities and the longest text: parameters, gradients, moments, the tape.
  package let pass: Int
  package let bytes: Int
  /// The largest pass that fits into the memory that is free; nil where the system does not tell.
  package let largestPass: Int?

  init(
    _ stage: Stage, _ description: MultimodalDescription, _ tokenizer: TokenizerDescription?, _ teacher: TeacherLayers?
  ) throws(PretrainingError) {
    let model = try MultimodalTraining(stage, description, tokenizer, teacher)
    var memory = TrainingMemory(model.program)
    memory.watched = model.watched(by: stage)
    memory.averages = stage.averageDecay != nil
    let pairs = stage.tasks.keys.count { if case .contrast = $0 { true } else { false } }
    // Similarities of all pairs, and their gradient.
    memory.ofLosses = { 2 * pairs * $0 * $0 * MemoryLayout<Float>.stride }
    let example = Self.fullExample(model.graph)
    self.stage = stage.name
    parameters = model.program.layout.count
    pass = stage.passSize
    do throws(InterpreterError) {
      bytes = try memory.bytes(example, count: stage.passSize)
      largestPass = try AvailableMemory.bytes().map { free throws(InterpreterError) in try memory.largestBatch(example, within: free) }
    } catch {
      throw .graph(error)
    }
  }

  /// With all inputs, and the longest text.
  private static func fullExample(_ graph: Graph) -> Example {
    var example = Example()
    for id in graph.inputs {
      let shape = graph[id].shape
      guard graph[id].dataType != .int32 else {
        example.tokens = Array(repeating: 0, count: graph.limits.sequence)
        continue
      }
      let rows = shape.rowCount(sequence: graph.limits.sequence) ?? 1
      example.values[id] = Array(repeating: 0, count: rows * (shape.width ?? 1))
    }
    return example
  }
}
