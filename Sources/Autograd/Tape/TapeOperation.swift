/// What `backward` reads of a step besides gradients, parameters and what `forward` saved.
struct BackwardReads: OptionSet {
  let rawValue: Int

  static let inputs = BackwardReads(rawValue: 1)
  static let output = BackwardReads(rawValue: 2)
}

/// An operation over the rows of a batch: how it computes, and how gradients flow back through it. One file holds both.
protocol TapeOperation: Sendable {
  /// The rows of the result; nil where those of the inputs do not fit together.
  func layout(_ inputs: [RowLayout]) -> RowLayout?
  /// Floats that `forward` leaves for `backward` in `Pass.saved`.
  func savedCount(_ inputs: [RowLayout]) -> Int
  var backwardReads: BackwardReads { get }
  /// Whether an input's gradient is anything but zeros.
  func gives(gradientOf input: Int) -> Bool
  /// Writes every element of the output.
  func forward(_ pass: Pass)
  /// Gives the gradients of the inputs that want one, in the order of the inputs, since two may be one tensor; and adds to those of the
  /// parameters that want one.
  func backward(_ pass: Pass, _ gradients: Gradients)
}

extension TapeOperation {
  func layout(_ inputs: [RowLayout]) -> RowLayout? { inputs.allSatisfy { $0 == inputs[0] } ? inputs[0] : nil }
  func savedCount(_ inputs: [RowLayout]) -> Int { 0 }
  func gives(gradientOf input: Int) -> Bool { true }
}

/// What an operation computes with.
struct Pass {
  let workers: Workers
  let inputs: [Rows]
  let output: Rows
  let parameters: [UnsafeMutablePointer<Float>]
  let saved: UnsafeMutablePointer<Float>
  /// Identifiers of the batch's tokens, as many as the rows of the input of an embedding.
  let tokens: [Int32]
  /// Whether batch norms take the batch's statistics.
  let isTraining: Bool
}

/// Where gradients come from and go.
struct Gradients {
  let output: Rows
  let inputs: [InputGradient?]
  /// Nil for a parameter that is not trained.
  let parameters: [UnsafeMutablePointer<Float>?]
}

/// The gradient of an input: the first to come is stored, others are added.
struct InputGradient {
  let rows: Rows
  /// 0 for the first, else 1.
  let keep: Float
}
