package import Autograd
import ModelGraph
import Randomness

/// Makes steps: batches forward and back, modalities balanced, gradients clipped, parameters moved, their average kept. It stops before it
/// makes a step from numbers that mean nothing.
package final class Trainer {
  package struct Settings: Hashable, Sendable {
    package var schedule: RateSchedule
    /// The longest gradient, all parameters together.
    package var longestGradient: Float
    /// Of the exponential moving average.
    package var averageDecay: Float
    /// How modalities are balanced whose scores the losses tell; nil where they are not.
    package var modulation: Modulation?
    package var watch: GradientWatch.Settings

    package init(
      schedule: RateSchedule, longestGradient: Float = 1, averageDecay: Float = 0.999, modulation: Modulation? = nil,
      watch: GradientWatch.Settings = GradientWatch.Settings()
    ) {
      self.schedule = schedule
      self.longestGradient = longestGradient
      self.averageDecay = averageDecay
      self.modulation = modulation
      self.watch = watch
    }
  }

  package let tape: Tape
  package let state: TrainingState
  package let settings: Settings
  package let groups: ParameterGroups
  /// Where the state is kept, for whoever has to go back to it.
  package let checkpoints: Checkpoints?
  private let gradients: ParameterMemory
  private var watch: GradientWatch

  /// The tape trains, and works on the state's parameters. `groups` are watched each by itself; those that are modalities are named as in
  /// the scores of their losses.
  package init(
    tape: Tape, state: TrainingState, settings: Settings, groups: [ParameterGroups.Group] = [], checkpoints: Checkpoints? = nil
  ) {
    guard let gradients = tape.gradients, tape.parameters === state.parameters else {
      preconditionFailure("the tape does not train the parameters of the state")
    }
    self.tape = tape
    self.state = state
    self.settings = settings
    self.groups = ParameterGroups(tape.program.layout, groups)
    self.checkpoints = checkpoints
    self.gradients = gradients
    watch = GradientWatch(groups: self.groups.names.count, settings: settings.watch)
  }

  /// One step whose gradient is the mean over some batches, the same loss of each. Where it throws, no step was made.
  package func step(_ batches: [[Example]], loss: @escaping (Tape) -> BatchLoss) throws(TrainingError) -> StepReport {
    try step(batches.map { batch in TrainingPass(examples: { batch }, loss: loss) })
  }

  /// One step whose gradient is the mean over some passes. Where it throws, no step was made.
  package func step(_ passes: [TrainingPass]) throws(TrainingError) -> StepReport {
    let (sum, batches) = try losses(passes)
    var squares = gradients.squares(tape.workers)
    let norms = groups.sums(squares).map { $0.squareRoot() / Double(batches.count) }
    try check(squares, batches)
    let balances = settings.modulation?.balance(sum.scores) ?? [:]
    if let modulation = settings.modulation, !balances.isEmpty {
      modulation.apply(balances, to: gradients, groups, seed: state.random.seed, step: state.optimizer.steps, tape.workers)
      squares = gradients.squares(tape.workers)
    }
    let norm = squares.reduce(0, +).squareRoot() / Double(batches.count)
    let rate = move(norm: norm, batches: batches.count)
    let vanishing = watch.vanishing(norms)
    let reports = groups.names.indices.map { group in
      StepReport.Group(
        name: groups.names[group], gradientNorm: norms[group], balance: balances[groups.names[group]], isVanishing: vanishing[group])
    }
    return StepReport(loss: sum.mean(of: batches.count), gradientNorm: norm, rate: rate, groups: reports)
  }

  /// Runs passes forward and back: the sum of what they tell, and their batches. A pass without examples is left out.
  private func losses(_ passes: [TrainingPass]) throws(TrainingError) -> (sum: BatchLoss, batches: [[Example]]) {
    var sum = BatchLoss(0)
    var batches: [[Example]] = []
    for pass in passes {
      let batch = pass.examples()
      guard !batch.isEmpty else { continue }
      do throws(InterpreterError) { try tape.load(batch) } catch { throw .badBatch(error) }
      tape.keptColumns = pass.keptColumns
      tape.forward()
      let told = pass.loss(tape)
      guard told.total.isFinite else { throw diverged(.loss, operation: tape.firstNotFinite(batch)) }
      tape.backward()
      sum.add(told)
      batches.append(batch)
    }
    return (sum, batches)
  }

  private func check(_ squares: [Double], _ batches: [[Example]]) throws(TrainingError) {
    let bad = squares.indices.filter { !squares[$0].isFinite }
    if let first = tape.program.firstReached(of: Set(bad)) {
      let source = batches.lazy.compactMap { self.tape.firstNotFinite($0) }.first
      throw diverged(.gradient(parameter: tape.program.layout.entries[first.place].name), operation: source ?? first.node)
    }
    let norm = squares.reduce(0, +).squareRoot() / Double(batches.count)
    guard let usual = watch.explosion(of: norm) else { return }
    let longest = squares.indices.max { squares[$0] < squares[$1] }
    throw diverged(.explosion(norm: norm, usual: usual), operation: longest.flatMap { tape.program.firstReached(of: [$0])?.node })
  }

  private func diverged(_ cause: Divergence.Cause, operation: String?) -> TrainingError {
    let steps = state.optimizer.steps
    return .diverged(Divergence(step: steps, cause: cause, operation: operation, checkpoint: checkpoints?.newest(before: steps)))
  }

  /// Moves the parameters along gradients of that length, and returns the rate.
  private func move(norm: Double, batches: Int) -> Float {
    let rate = settings.schedule.rate(step: state.optimizer.steps)
    let scale = ParameterMemory.clipping(norm: norm, to: settings.longestGradient, batches: batches)
    state.optimizer.step(state.parameters, gradients: gradients, rate: rate, gradientScale: scale, workers: tape.workers)
    state.average?.average(state.parameters, decay: settings.averageDecay, tape.workers)
    return rate
  }
}

extension Tape {
  /// The first input or node whose values are not finite when a batch runs forward; nil where all are.
  fileprivate func firstNotFinite(_ batch: [Example]) -> String? {
    let graph = program.graph
    let input = graph.inputs.first { id in batch.contains { $0.values[id]?.contains { !$0.isFinite } ?? false } }
    if let input { return graph[input].name }
    var found: String?
    // What the arena holds after a forward is no longer the whole batch.
    guard (try? load(batch)) != nil else { return nil }
    forward { node, rows in
      let values = UnsafeBufferPointer(start: rows.start, count: rows.count)
      if found == nil, values.contains(where: { !$0.isFinite }) { found = graph.nodes[node].name }
    }
    return found
  }
}
