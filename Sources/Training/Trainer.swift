package import Autograd

/// Makes steps: batches forward and back, gradients clipped, parameters moved, their average kept.
package final class Trainer {
  package struct Settings: Hashable, Sendable {
    package var schedule: RateSchedule
    /// The longest gradient, all parameters together.
    package var longestGradient: Float
    /// Of the exponential moving average.
    package var averageDecay: Float

    package init(schedule: RateSchedule, longestGradient: Float = 1, averageDecay: Float = 0.999) {
      self.schedule = schedule
      self.longestGradient = longestGradient
      self.averageDecay = averageDecay
    }
  }

  /// What a step tells.
  package struct Report: Hashable, Sendable {
    /// The mean over the batches.
    package let loss: Double
    /// Of the gradient, before it was clipped.
    package let gradientNorm: Double
    package let rate: Float
  }

  package let tape: Tape
  package let state: TrainingState
  package let settings: Settings

  /// The tape trains, and works on the state's parameters.
  package init(tape: Tape, state: TrainingState, settings: Settings) {
    precondition(tape.gradients != nil && tape.parameters === state.parameters)
    self.tape = tape
    self.state = state
    self.settings = settings
  }

  /// One step whose gradient is the mean over some batches. `loss` is called after each forward: it gives the outputs' gradients.
  package func step(_ batches: [[Example]], loss: (Tape) -> Double) throws(InterpreterError) -> Report {
    var sum = 0.0
    for batch in batches {
      try tape.load(batch)
      tape.forward()
      sum += loss(tape)
      tape.backward()
      state.cursor += batch.count
    }
    guard let gradients = tape.gradients else { return Report(loss: sum, gradientNorm: 0, rate: 0) }
    let rate = settings.schedule.rate(step: state.optimizer.steps)
    let (scale, norm) = gradients.clipping(to: settings.longestGradient, batches: batches.count, tape.workers)
    state.optimizer.step(state.parameters, gradients: gradients, rate: rate, gradientScale: scale, workers: tape.workers)
    state.average?.average(state.parameters, decay: settings.averageDecay, tape.workers)
    return Report(loss: sum / Double(batches.count), gradientNorm: norm, rate: rate)
  }
}
