import BundleFormat
import Device
import ModelGraph
import Split

/// The planner of `tributary run`, from a profile or from a short measurement of this device.
struct Planning {
  let planner: SplitPlanner
  let objective: Objective

  /// Timed runs where there is no profile.
  private static let laps = 3

  init(_ runner: ModelRunner, _ arguments: Arguments) throws(CommandError) {
    let profile = try arguments["profile"].map { path throws(CommandError) in
      try device { () throws(DeviceError) in try readProfile(path) }
    }
    objective = try arguments.objective(of: profile)
    let costs = try arguments.costs(runner.bundle, profile) { () throws(CommandError) in
      try CostProbe(runner: runner, laps: Self.laps).costs(at: Self.lengths(of: runner)).planned
    }
    let longest = costs.sequences.last ?? 1
    let pace = costs.pace(Workload(runner.bundle.graph, sequence: longest))
    planner = SplitPlanner(
      costs: costs, energy: profile?.energy, link: profile?.link ?? .guessed,
      peer: PeerEstimate(microsecondsPerMultiplyAccumulate: pace / (profile?.peerSpeed ?? PeerEstimate.guessedSpeed)),
      splits: runner.bundle.graph.splitPoints.count)
  }

  private static func lengths(of runner: ModelRunner) -> [Int] {
    let limit = runner.bundle.graph.limits.sequence
    if runner.bundle.graph.input(of: .text) == nil { return [1] }
    return limit > 8 ? [8, min(32, limit)] : [limit]
  }
}
