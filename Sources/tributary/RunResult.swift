import Device
import ModelGraph
import Split

/// What `tributary run` tells.
struct RunResult {
  let request: Request
  let answer: Answer
  /// Best first; empty where there are none.
  let labels: [(label: String, score: Float)]
  /// The names of the split points.
  let splits: [String]
  /// Nil where all modalities ran.
  let activation: ModalityActivation?

  /// The output that stands for the answer.
  private var values: [Float] { answer.outputs.first?.values ?? [] }

  func report() {
    for (label, score) in labels.prefix(5) { Console.print(padded(fixed(Double(score), decimals: 4), 8) + "  " + label) }
    if labels.isEmpty {
      for output in answer.outputs {
        let head = output.values.prefix(4).map { fixed(Double($0), decimals: 4) }
        Console.print("\(output.name) of \(output.values.count) numbers: \(joined(head, " ")) …  (--json prints all)")
      }
    }
    for (modality, verdict) in decisions {
      let place = verdict.hasRun ? "ran (\(answer.place.name))" : "did not run"
      Console.print(leading(modality.rawValue, 7) + place + ": " + verdict.why)
    }
    var line = answer.tokens > 0 ? "\(answer.tokens) tokens, " : ""
    line += "\(fixed(answer.milliseconds, decimals: 2)) ms, \(answer.place.name)"
    if let wire = answer.wire {
      line += ", \(wire.sent) bytes sent"
      if let raw = wire.rawBytes { line += " (the inputs as they came: \(raw))" }
      line += ", \(wire.received) received"
    }
    if let split { line += ", after \(split)" }
    if let failure = answer.failure { line += ", degraded: \(failure.description)" }
    Console.print(line)
    if let words { Console.print("planned: \(words.reason)") }
  }

  /// Where execution passed, or was to pass, to a peer.
  private var split: String? { answer.handover.name(of: splits) }

  private var words: PlanWords? { answer.plan.map { PlanWords(plan: $0, splits: splits) } }

  private var peer: JSON {
    if case .peer(let address) = answer.place { .string(address.description) } else { .null }
  }

  private var decisions: [(modality: Modality, verdict: ModalityActivation.Verdict)] {
    Modality.allCases.compactMap { modality in activation?[modality].map { (modality, $0) } }
  }

  private var activationJSON: JSON {
    guard let activation else { return .null }
    let modalities = decisions.map { modality, verdict in
      JSON.object([
        ("modality", .string(modality.rawValue)), ("ran", .boolean(verdict.hasRun)),
        ("where", verdict.hasRun ? .string(answer.place.name) : .null), ("why", .string(verdict.why)),
      ])
    }
    return .object([
      ("threshold", .number(Double(activation.threshold), decimals: 3)),
      ("confidence", activation.confidence.map { .number(Double($0), decimals: 6) } ?? .null), ("modalities", .array(modalities)),
    ])
  }

  /// Those of the JSON object.
  var members: [(String, JSON)] {
    var members: [(String, JSON)] = [
      ("text", request.text.map { .string($0) } ?? .null), ("modalities", .array(answer.modalities.map { .string($0.rawValue) })),
    ]
    if let best = labels.first {
      members.append(("label", .string(best.label)))
      members.append(("score", .number(Double(best.score), decimals: 6)))
      members.append(
        (
          "labels",
          .array(labels.map { .object([("label", .string($0.label)), ("score", .number(Double($0.score), decimals: 6))]) })
        ))
    }
    members += [
      ("output", answer.outputs.first.map { .string($0.name) } ?? .null),
      ("embedding", .array(values.map { .number(Double($0), decimals: 9) })),
      ("embedding_bits", .string(hexadecimal(bits: values))),
      ("tokens", .integer(answer.tokens)), ("milliseconds", .number(answer.milliseconds, decimals: 3)),
      ("where", .string(answer.place.name)), ("peer", peer), ("degraded", .boolean(answer.isDegraded)),
      ("failure", answer.failure.map { .string($0.description) } ?? .null), ("split", split.map { .string($0) } ?? .null),
      ("reason", words.map { .string($0.reason) } ?? .null),
      ("bytes_sent", .integer(answer.wire?.sent ?? 0)), ("bytes_received", .integer(answer.wire?.received ?? 0)),
      ("raw_bytes", answer.wire?.rawBytes.map { .integer($0) } ?? .null), ("activation", activationJSON),
    ]
    return members
  }
}

extension ModalityActivation.Verdict {
  /// Why the modality ran or did not.
  fileprivate var why: String {
    switch self {
    case .first: "the cheapest"
    case .unsure(let confidence): "not confident enough: \(fixed(Double(confidence), decimals: 2))"
    case .unknownConfidence: "nothing tells confidence"
    case .absent: "absent"
    case .excluded: "excluded by --only"
    case .confident(let confidence): "confident enough: \(fixed(Double(confidence), decimals: 2))"
    case .overBudget: "over budget"
    }
  }
}
