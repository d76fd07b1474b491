import BundleFormat
import Device
import ModelGraph
import Split

/// What `tributary plan` tells.
struct PlanReport {
  let bundle: Bundle
  let work: Workload
  let goal: PlanGoal
  let link: LinkEstimate
  let peerSpeed: Double
  /// Where the device's costs come from.
  let origin: String
  let plan: Plan

  func print(explaining: Bool) {
    if explaining {
      let split = goal.deadline.map { ", within \(fixed($0 / 1e6, decimals: 3)) s" } ?? ""
      Console.print("request     \(bundle.name), \(work.sequence == 1 ? "" : "\(work.sequence) tokens, ")\(objective)\(split)")
      Console.print("device      \(origin)")
      Console.print(
        "link        \(fixed(link.roundTrip.mean / 1e3, decimals: 1)) ms round trip, \(megabits(link.up.mean)) Mbit/s up, "
          + "\(megabits(link.down.mean)) down")
      Console.print("peer        \(fixed(peerSpeed, decimals: 1)) × this device\n")
      table()
      Console.print("")
    }
    Console.print("\(name(plan.choice.place)): \(reason)")
  }

  /// A line for each candidate, times in milliseconds.
  private func table() {
    let hasEnergy = plan.chosen.joules != nil
    let hasDeviations = plan.candidates.contains { $0.deviation > 0 }
    let titles = ["device", "encode", "up", "wait", "peer", "down", "total"] + (hasDeviations ? ["±"] : [])
    var head = leading("  ms", 20)
    for title in titles { head += padded(title, 9) }
    Console.print(head + (hasEnergy ? padded("mJ", 10) : "") + padded("bytes", 10))
    for (place, candidate) in plan.candidates.enumerated() {
      var line = leading((place == plan.choice.place ? "→ " : "  ") + name(place), 20)
      for (_, part) in parts(candidate).prefix(titles.count) { line += padded(part == 0 ? "–" : fixed(part / 1e3, decimals: 2), 9) }
      if let joules = candidate.joules { line += padded(fixed(joules * 1e3, decimals: 1), 10) }
      Console.print(line + padded(fixed(candidate.bytes, decimals: 0), 10))
    }
  }

  /// In microseconds.
  private func parts(_ candidate: Candidate) -> [(name: String, microseconds: Double)] {
    [
      ("device_ms", candidate.device), ("encode_ms", candidate.encode), ("up_ms", candidate.up), ("wait_ms", candidate.wait),
      ("peer_ms", candidate.peer), ("down_ms", candidate.down), ("total_ms", candidate.latency), ("deviation_ms", candidate.deviation),
    ]
  }

  private func name(_ place: Int) -> String {
    switch plan.candidates[place].handover {
    case .none: "local"
    case .split(let index): bundle.graph.splitPoints[index].name
    case .raw: SplitOptions.rawInputs
    }
  }

  private func megabits(_ microsecondsPerByte: Double) -> String { fixed(8 / microsecondsPerByte, decimals: 1) }

  private var objective: String {
    switch goal.objective {
    case .latency: "least time"
    case .energy: "least energy"
    case .bytes: "fewest bytes"
    case .latencyWithin(let joules): "least time within \(amount(joules, .energy))"
    }
  }

  private var reason: String {
    switch plan.choice.reason {
    case .onlyOne: "the only way"
    case .onlyOneInTime: "the only one in time: \(amount(.lateness)) at the latest"
    case .onlyOneWithinEnergy: "the only one in time with so little energy: \(amount(.energy))"
    case .best(.latency, let next): "fastest: " + lead(.latency, next, "before")
    case .best(.energy, let next): "least energy: " + lead(.energy, next, "less than")
    case .best(.bytes, let next): "fewest bytes: " + lead(.bytes, next, "less than")
    case .best(.lateness, let next): "none is surely in time, this comes nearest: " + lead(.lateness, next, "before")
    case .best(.excess, let next): "none takes so little energy, this takes least: " + lead(.excess, next, "less than")
    case .keptForMargin(let better): "kept: \(name(better)) is better by too little for a change"
    case .keptForCalm(let better): "kept: it is too early for another change, to \(name(better))"
    }
  }

  /// As "12.1 ms, 3.4 ms before local".
  private func lead(_ field: Field, _ next: Int, _ relation: String) -> String {
    let gain = field.measure(plan.candidates[next]) - field.measure(plan.chosen)
    return amount(field) + (gain > 0 ? ", \(amount(gain, field)) \(relation) \(name(next))" : ", as \(name(next))")
  }

  private func amount(_ field: Field) -> String { amount(field.measure(plan.chosen), field) }

  private func amount(_ measure: Double, _ field: Field) -> String {
    switch field {
    case .latency, .lateness: fixed(measure / 1e3, decimals: 1) + " ms"
    case .energy, .excess: fixed(measure * 1e3, decimals: 1) + " mJ"
    case .bytes: fixed(measure, decimals: 0) + " bytes"
    }
  }

  var json: JSON {
    .object([
      ("chosen", .string(name(plan.choice.place))), ("reason", .string(reason)), ("sequence", .integer(work.sequence)),
      (
        "candidates",
        .array(
          plan.candidates.indices.map { place in
            let candidate = plan.candidates[place]
            return .object(
              [("name", .string(name(place)))] + parts(candidate).map { ($0.name, .number($0.microseconds / 1e3, decimals: 4)) } + [
                ("joules", candidate.joules.map { .number($0, decimals: 6) } ?? .null),
                ("bytes_sent", .number(candidate.bytesSent, decimals: 0)),
                ("bytes_received", .number(candidate.bytesReceived, decimals: 0)),
              ])
          })
      ),
    ])
  }
}
