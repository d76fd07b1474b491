import BundleFormat
import Device
import ModelGraph
import Split

/// `tributary plan`.
enum PlanCommand {
  static let interface = Interface(
    name: "plan", operand: "BUNDLE",
    summary: "Says where a request would best pass from this device to a peer, and with --explain every way to run it and what it takes.",
    flags: [
      Flag(name: "profile", placeholder: "FILE", help: "the device's costs, energy and link ('tributary probe'); else it is measured now"),
      Flag(name: "link", placeholder: "MS,UP[,DOWN]", help: "round trip in milliseconds, megabits a second (default: the profile's)"),
      Flag(name: "peer-speed", placeholder: "X", help: "how many times as fast as this device the peer is (default: the profile's, or 8)"),
      Flag(name: "objective", placeholder: "WHAT", help: "latency, energy, bytes, or latency:0.5J for the least time within that energy"),
      Flag(name: "deadline", placeholder: "SECONDS", help: "leave out what may take longer, while anything else is left"),
      Flag(name: "sequence", placeholder: "N", help: "for texts: tokens (default 64, as far as the bundle goes)"),
      Flag(name: "modalities", placeholder: "M,M,…", help: "what the request brings, as image,text (default: all)"),
      Flag(name: "raw-bytes", placeholder: "N", help: "the size of the files that it brings: consider sending them as they are"),
      Flag(name: "explain", placeholder: nil, help: "print every candidate"),
    ] + sharedFlags,
    examples: [
      "tributary plan minilm.gguf --link 5,20 --explain",
      "tributary plan clip.gguf --profile device.toml --modalities image --raw-bytes 48000 --explain",
      "tributary plan vit.gguf --profile device.toml --objective latency:0.5J --deadline 0.2 --json",
    ])

  static func run(_ arguments: Arguments) throws(CommandError) {
    let bundle = try device { () throws(DeviceError) in try openBundle(arguments.operand) }
    let work = try workload(bundle, arguments)
    let profile = try arguments["profile"].map { path throws(CommandError) in
      try device { () throws(DeviceError) in try readProfile(path) }
    }
    let goal = try goal(profile, arguments)
    let costs = try arguments.costs(bundle, profile) { () throws(CommandError) in
      try CostProbe(runner: openRunner(arguments), laps: 15).costs(at: [work.sequence]).planned
    }
    guard let link = try usage({ () throws(UsageError) in try arguments.link }) ?? profile?.link else {
      throw .usage(.missingFlag("link", why: "or a profile with a section [link]: what lies between device and peer?"))
    }
    let speed = try usage { () throws(UsageError) in try arguments.factor("peer-speed") } ?? profile?.peerSpeed ?? PeerEstimate.guessedSpeed
    var planner = SplitPlanner(
      costs: costs, energy: profile?.energy, link: link,
      peer: PeerEstimate(microsecondsPerMultiplyAccumulate: costs.pace(work) / speed), splits: bundle.graph.splitPoints.count)
    let plan = planner.plan(work, goal: goal, hasPeer: true, now: Moment(nanoseconds: 0))
    let report = PlanReport(
      bundle: bundle, work: work, goal: goal, link: link, peerSpeed: speed, origin: arguments["profile"] ?? "measured now",
      words: PlanWords(plan: plan, splits: bundle.graph.splitPoints.map { $0.name }))
    if arguments.has("json") {
      Console.print(report.json.text)
    } else {
      report.print(explaining: arguments.has("explain"))
    }
  }

  private static func workload(_ bundle: Bundle, _ arguments: Arguments) throws(CommandError) -> Workload {
    let limit = bundle.graph.limits.sequence
    let standard = bundle.graph.input(of: .text) == nil ? 1 : min(64, limit)
    let sequence = try usage { () throws(UsageError) in try arguments.number("sequence", in: 1...limit, default: standard) }
    let bytes = try usage { () throws(UsageError) in try arguments.number("raw-bytes", in: 0...1 << 30, default: 0) }
    var present: UInt64 = 0
    for modality in try usage({ () throws(UsageError) in try arguments.modalities("modalities") }) ?? [] {
      guard let input = bundle.graph.input(of: modality) else { throw .device(.noInput(path: bundle.path, modality)) }
      present |= 1 << UInt64(input)
    }
    return Workload(bundle.graph, sequence: sequence, present: present == 0 ? .max : present, rawBytes: bytes == 0 ? nil : bytes)
  }

  private static func goal(_ profile: DeviceProfile?, _ arguments: Arguments) throws(CommandError) -> PlanGoal {
    let objective = try arguments.objective(of: profile)
    guard arguments.has("deadline") else { return PlanGoal(objective) }
    return PlanGoal(
      objective, deadline: try usage { () throws(UsageError) in Double(try arguments.milliseconds("deadline", default: 0)) * 1e3 })
  }
}
