/// One kernel's work. All threads run every step, each on its share; between stages they wait for each other.
enum Step {
  case embedding(EmbeddingStep)
  case quantizeRows(QuantizeRowsStep)
  case dequantizeRows(DequantizeRowsStep)
  case linear(LinearStep)
  case activation(ActivationStep)
  case add(AddStep)
  case layerNorm(LayerNormStep)
  case attention(AttentionStep)
  case meanPool(MeanPoolStep)
  case l2Normalize(L2NormalizeStep)

  func run(_ frame: borrowing Frame, thread: Int) {
    switch self {
    case .embedding(let step): step.run(frame, thread: thread)
    case .quantizeRows(let step): step.run(frame, thread: thread)
    case .dequantizeRows(let step): step.run(frame, thread: thread)
    case .linear(let step): step.run(frame, thread: thread)
    case .activation(let step): step.run(frame, thread: thread)
    case .add(let step): step.run(frame, thread: thread)
    case .layerNorm(let step): step.run(frame, thread: thread)
    case .attention(let step): step.run(frame, thread: thread)
    case .meanPool(let step): step.run(frame, thread: thread)
    case .l2Normalize(let step): step.run(frame, thread: thread)
    }
  }
}
