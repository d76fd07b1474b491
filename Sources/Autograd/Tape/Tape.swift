package import ModelGraph

/// Runs a program over batches, and gradients back through it: `load` a batch, `forward`, give the outputs' gradients, `backward`.
///
/// All memory is one arena, sized by a dry run when the rows of a batch change, and kept. Gradients of parameters are added to until an
/// optimiser has used them, so that several batches make one step.
package final class Tape {
  package let program: Program
  package let parameters: ParameterMemory
  /// Of the parameters; nil where the tape only computes forward.
  package let gradients: ParameterMemory?
  package let workers: Workers
  /// The first columns that are kept of tensors' rows; the others become zeros. What is absent keeps all.
  package var keptColumns: [TensorID: Int] = [:]
  private let outputs: [Int]
  private var tokens: [Int32] = []
  private var plan: TapePlan?
  private var arena = FloatMemory(count: 0)

  /// `watched` are tensors beside the graph's outputs that losses read.
  package init(
    _ program: Program, parameters: ParameterMemory, workers: Workers, isTraining: Bool = true, watching watched: [TensorID] = []
  ) {
    self.program = program
    self.parameters = parameters
    self.workers = workers
    gradients = isTraining ? ParameterMemory(program.layout) : nil
    outputs = (program.graph.outputs + watched).compactMap { program.places[$0] }
  }

  /// Takes the inputs of a batch.
  package func load(_ examples: [Example]) throws(InterpreterError) {
    let batch = try Batch(examples, of: program.graph, parameters: program.layout)
    if plan?.inputs != batch.layouts {
      let plan = try TapePlan(program, inputs: batch.layouts, outputs: outputs, isTraining: gradients != nil)
      if plan.elements > arena.count { arena = FloatMemory(count: plan.elements) }
      self.plan = plan
    }
    tokens = batch.tokens
    for (input, id) in program.graph.inputs.enumerated() where program.values[input].columns > 0 {
      batch.copy(id, to: rows(input))
    }
  }

  /// Computes every node. `isTraining`: batch norms take the batch's statistics. `observe` is given each node and its result, in order.
  package func forward(isTraining: Bool = true, observe: (Int, Rows) -> Void = { _, _ in }) {
    guard let plan else { return }
    var next = 0
    for (index, node) in program.graph.nodes.enumerated() {
      while next < program.steps.count, program.steps[next].node == index {
        program.steps[next].operation.forward(pass(next, isTraining: isTraining))
        next += 1
      }
      guard let place = program.places[node.output] else { continue }
      if let kept = keptColumns[node.output] { rows(place).keep(columns: kept) }
      observe(index, rows(place))
    }
    for output in outputs {
      guard let offset = plan.gradients[output] else { continue }
      (arena.start + offset).update(repeating: 0, count: rows(output).count)
    }
  }

  /// A graph's output, or a watched tensor, after `forward`.
  package subscript(_ id: TensorID) -> Rows? { program.places[id].map(rows) }

  /// The gradient of a graph's output or a watched tensor, which a loss writes between `forward` and `backward`: zeros until then. Nil
  /// where nothing that is trained has a part in it.
  package func gradient(of id: TensorID) -> Rows? {
    guard let place = program.places[id], let offset = plan?.gradients[place] else { return nil }
    return Rows(start: arena.start + offset, layout: rows(place).layout, columns: rows(place).columns)
  }

  /// Adds to the gradients of all trained parameters.
  package func backward(isTraining: Bool = true) {
    guard let plan else { return }
    let kept = Dictionary(keptColumns.compactMap { id, count in program.places[id].map { ($0, count) } }) { min($0, $1) }
    for (index, step) in program.steps.enumerated().reversed() {
      guard let offset = plan.gradients[step.output] else { continue }
      let layout = plan.layouts[step.output]
      let output = Rows(start: arena.start + offset, layout: layout, columns: program.values[step.output].columns)
      if let kept = kept[step.output] { output.keep(columns: kept) }
      let own = Gradients(output: output, inputs: inputGradients(index, step, plan), parameters: step.parameters.map(parameterGradient))
      step.operation.backward(pass(index, isTraining: isTraining), own)
    }
  }

  private func inputGradients(_ index: Int, _ step: Program.Step, _ plan: TapePlan) -> [InputGradient?] {
    step.inputs.enumerated().map { place, input in
      guard let offset = plan.gradients[input], step.operation.gives(gradientOf: place) else { return nil }
      let rows = Rows(start: arena.start + offset, layout: plan.layouts[input], columns: program.values[input].columns)
      return InputGradient(rows: rows, keep: plan.isFirst[index][place] ? 0 : 1)
    }
  }

  private func parameterGradient(_ place: Int) -> UnsafeMutablePointer<Float>? {
    program.layout.entries[place].isTrained ? gradients?[place].baseAddress : nil
  }

  private func pass(_ index: Int, isTraining: Bool) -> Pass {
    let step = program.steps[index]
    return Pass(
      workers: workers, inputs: step.inputs.map(rows), output: rows(step.output),
      parameters: step.parameters.compactMap { parameters[$0].baseAddress }, saved: arena.start + (plan?.saved[index] ?? 0),
      tokens: tokens, isTraining: isTraining)
  }

  private func rows(_ value: Int) -> Rows {
    Rows(
      start: arena.start + (plan?.values[value] ?? 0), layout: plan?.layouts[value] ?? RowLayout([]),
      columns: program.values[value].columns)
  }
}
