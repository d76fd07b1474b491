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
  let words: PlanWords

  private var plan: Plan { words.plan }

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
    Console.print("\(words.name(plan.choice.place)): \(words.reason)")
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
      var line = leading((place == plan.choice.place ? "→ " : "  ") + words.name(place), 20)
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

  private func megabits(_ microsecondsPerByte: Double) -> String { fixed(8 / microsecondsPerByte, decimals: 1) }

  private var objective: String {
    switch goal.objective {
    case .latency: "least time"
    case .energy: "least energy"
    case .bytes: "fewest bytes"
    case .latencyWithin(let joules): "least time within \(words.amount(joules, .energy))"
    }
  }

  var json: JSON {
    .object([
      ("chosen", .string(words.name(plan.choice.place))), ("reason", .string(words.reason)), ("sequence", .integer(work.sequence)),
      (
        "candidates",
        .array(
          plan.candidates.indices.map { place in
            let candidate = plan.candidates[place]
            return .object(
              [("name", .string(words.name(place)))] + parts(candidate).map { ($0.name, .number($0.microseconds / 1e3, decimals: 4)) } + [
                ("joules", candidate.joules.map { .number($0, decimals: 6) } ?? .null),
                ("bytes_sent", .number(candidate.bytesSent, decimals: 0)),
                ("bytes_received", .number(candidate.bytesReceived, decimals: 0)),
              ])
          })
      ),
    ])
  }
}
