/// One kernel's work. All threads run every step, each on its share; between stages they wait for each other.
enum Step {
  case embedding(EmbeddingStep)
  case positions(PositionsStep)
  case quantizeRows(QuantizeRowsStep)
  case dequantizeRows(DequantizeRowsStep)
  case encode(EncodeStep)
  case linear(LinearStep)
  case convolution(ConvolutionStep)
  case route(RouteStep)
  case gatherRows(GatherRowsStep)
  case expertLinear(ExpertLinearStep)
  case expertGate(ExpertGateStep)
  case activation(ActivationStep)
  case add(AddStep)
  case layerNorm(LayerNormStep)
  case channelNorm(ChannelNormStep)
  case attention(AttentionStep)
  case remember(RememberStep)
  case concatenate(ConcatenateStep)
  case meanPool(MeanPoolStep)
  case pickRow(PickRowStep)
  case maxPool(MaxPoolStep)
  case l2Normalize(L2NormalizeStep)

  /// Whether rows of one request are looked at together: in a batch the step runs for each request, else once for the rows of all.
  var isPerItem: Bool {
    switch self {
    case .quantizeRows(let step): step.areWindows
    case .embedding, .positions, .encode, .convolution, .channelNorm, .attention, .concatenate, .meanPool, .pickRow, .maxPool, .l2Normalize:
      true
    case .dequantizeRows, .linear, .route, .gatherRows, .expertLinear, .expertGate, .activation, .add, .layerNorm, .remember: false
    }
  }

  func run(_ frame: borrowing Frame, thread: Int) {
    switch self {
    case .embedding(let step): step.run(frame, thread: thread)
    case .positions(let step): step.run(frame, thread: thread)
    case .quantizeRows(let step): step.run(frame, thread: thread)
    case .dequantizeRows(let step): step.run(frame, thread: thread)
    case .encode(let step): step.run(frame, thread: thread)
    case .linear(let step): step.run(frame, thread: thread)
    case .convolution(let step): step.run(frame, thread: thread)
    case .route(let step): step.run(frame, thread: thread)
    case .gatherRows(let step): step.run(frame, thread: thread)
    case .expertLinear(let step): step.run(frame, thread: thread)
    case .expertGate(let step): step.run(frame, thread: thread)
    case .activation(let step): step.run(frame, thread: thread)
    case .add(let step): step.run(frame, thread: thread)
    case .layerNorm(let step): step.run(frame, thread: thread)
    case .channelNorm(let step): step.run(frame, thread: thread)
    case .attention(let step): step.run(frame, thread: thread)
    case .remember(let step): step.run(frame, thread: thread)
    case .concatenate(let step): step.run(frame, thread: thread)
    case .meanPool(let step): step.run(frame, thread: thread)
    case .pickRow(let step): step.run(frame, thread: thread)
    case .maxPool(let step): step.run(frame, thread: thread)
    case .l2Normalize(let step): step.run(frame, thread: thread)
    }
  }
}
