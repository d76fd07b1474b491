import BundleFormat
import Inference
package import ModelGraph
import Split

/// How much of a request is to run.
package struct ActivationOptions: Sendable {
  /// The modalities that may run; nil for all.
  package var only: [Modality]?
  /// The confidence that is enough; nil for what the bundle asks for, or else `standardThreshold`.
  package var threshold: Float?
  package var budget: ActivationBudget

  package static let standardThreshold: Float = 0.9

  package init(only: [Modality]? = nil, threshold: Float? = nil, budget: ActivationBudget = ActivationBudget()) {
    self.only = only
    self.threshold = threshold
    self.budget = budget
  }
}

// Modality by modality.
extension ModelRunner {
  /// Runs as many of a request's modalities as it takes, each subnet once, on the local fusion where the bundle has one. Where that is not
  /// confident enough with all of them and the budget has room, the main path answers, by the peers where there are some. `labels` are
  /// embeddings whose likeliest tells the confidence; without them the logits do. The time is that from here on, checks of segments
  /// included.
  package func run(
    _ request: Request, _ options: ActivationOptions, labels: [[Float]] = [], peers: SplitRunner? = nil
  ) throws(DeviceError) -> (answer: Answer, activation: ModalityActivation) {
    let watch = Stopwatch()
    try check(request)
    var activation = ModalityActivation(
      costs: modalities.map { ($0, cost(of: $0)) }, present: request.modalities, wanted: options.only,
      threshold: options.threshold ?? bundle.confidence?.threshold ?? ActivationOptions.standardThreshold, budget: options.budget)
    let tokens = try tokens(of: activation[.text] == nil ? request.text : nil)
    try begin(tokens)
    var path: Segment.Role = session.hasLocalPath ? .local : .main
    var outputs: [Output] = []
    var ran: [Modality] = []
    while let modality = activation.next(spent: watch.milliseconds) {
      try bring(modality, of: request, tokens: tokens ?? [])
      ran.append(modality)
      outputs = try complete(path)
      activation.observe(confidence: confidence(of: outputs, labels: labels))
    }
    guard !ran.isEmpty else { throw .emptyRequest(takes: options.only ?? modalities) }
    let count = ran.contains(.text) ? tokens?.count ?? 0 : 0
    if let peers, path == .local, !activation.isConfident, options.budget.holds(milliseconds: watch.milliseconds) {
      let left = options.budget.milliseconds.map { Int(max(1, $0 - watch.milliseconds)) }
      let answer = try peers.finish(request.limited(to: ran), tokens: count, within: left)
      activation.observe(confidence: confidence(of: answer.outputs, labels: labels))
      return (answer.after(milliseconds: watch.milliseconds), activation)
    }
    if path == .local, !activation.isConfident, activation.hasRoom(for: mainCost, spent: watch.milliseconds) {
      path = .main
      outputs = try complete(path)
      activation.observe(confidence: confidence(of: outputs, labels: labels))
    }
    let answer = Answer(
      outputs: outputs, place: path == .local ? .localFusion : .local, failure: nil, modalities: ran, tokens: count,
      milliseconds: watch.milliseconds, wire: nil, handover: .none, plan: nil)
    return (answer, activation)
  }

  private func complete(_ path: Segment.Role) throws(DeviceError) -> [Output] {
    do throws(InferenceError) { try session.complete(path) } catch { throw failure(error) }
    return try outputs()
  }

  /// The share of the likeliest label; nil where nothing tells labels.
  private func confidence(of outputs: [Output], labels: [[Float]]) -> Float? {
    LabelScores(of: outputs, labels: labels, count: bundle.labels.count)?.confidences(temperature: temperature).max()
  }

  /// What runs when a modality joins, for a text of 64 tokens, or of the longest where that is shorter.
  private func cost(of modality: Modality) -> ActivationCost {
    let graph = bundle.graph
    let inputs = self.inputs(of: [modality])
    let path: Segment.Role = session.hasLocalPath ? .local : .main
    let places = graph.inputs.indices.filter { inputs & 1 << UInt64($0) != 0 }
    return ActivationCost(
      multiplyAccumulates: graph.multiplyAccumulates(behind: places.map { graph.inputs[$0] }, on: path, sequence: costSequence))
  }

  /// What is left for the main path behind the local one.
  private var mainCost: ActivationCost {
    let graph = bundle.graph
    let rest = graph.fork..<graph.nodes(of: .main).upperBound
    return ActivationCost(multiplyAccumulates: graph.multiplyAccumulates(of: rest, sequence: costSequence))
  }

  private var costSequence: Int { min(64, bundle.graph.limits.sequence) }
}
