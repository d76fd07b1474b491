import BundleFormat
import CPosix
import Device
import Inference
import ModelGraph

/// `tributary bench`.
enum BenchCommand {
  static let interface = Interface(
    name: "bench", operand: "BUNDLE",
    summary: "Measures latency, throughput, cold start and peak memory of a bundle on this device, on made-up inputs.",
    flags: [
      Flag(name: "sequence", placeholder: "N,N,…", help: "for texts: lengths in tokens (default 16,64,128, as far as the bundle goes)"),
      Flag(name: "runs", placeholder: "N", help: "timed inferences a length (default 200)"),
      Flag(name: "operations", placeholder: nil, help: "where the time goes, by kind of operation, as the calling thread sees it"),
      Flag(name: "profile", placeholder: "FILE", help: "also measure this bundle's costs anew in a device profile ('tributary probe')"),
      Flag(name: "once", placeholder: nil, help: "run once and print that: what the cold start measures"),
    ] + sharedFlags,
    examples: [
      "tributary bench minilm.gguf --threads 1 --sequence 16,64,128", "tributary bench mobilenet.gguf --threads 2 --json",
      "tributary bench vit.gguf --operations",
    ])

  struct Row {
    let sequence: Int
    /// Milliseconds, ascending.
    let laps: [Double]
    let gigaMACs: Double

    /// sorted[⌊n · p⌋].
    func percentile(_ p: Double) -> Double { laps[min(laps.count - 1, Int(Double(laps.count) * p))] }
  }

  static func run(_ arguments: Arguments) throws(CommandError) {
    let given = try usage { () throws(UsageError) in try arguments.numbers("sequence", in: 1...65535, default: []) }
    let runs = try usage { () throws(UsageError) in try arguments.number("runs", in: 10...1_000_000, default: 200) }
    let runner = try openRunner(arguments)
    let limit = runner.bundle.graph.limits.sequence
    let lengths = given.isEmpty ? [min(16, limit)] + [64, 128].filter { $0 <= limit } : given
    if arguments.has("once") {
      let request = MadeUpRequest(lengths[0], for: runner)
      try request.load(into: runner)
      try request.run(on: runner)
      let outputs = try device { () throws(DeviceError) in try runner.outputs() }
      return Console.print(arguments.has("json") ? bits(outputs).text : "one inference of \(runner.bundle.name) done")
    }
    var rows: [Row] = []
    for length in lengths { rows.append(try measure(runner, length, runs)) }
    let coldStart = try coldStart(arguments)
    let peak = try device { () throws(DeviceError) in try peakMemory() }
    let operations = try operations(runner, lengths, runs, arguments)
    if arguments.has("json") {
      Console.print(JSON.object(json(rows, coldStart: coldStart, peak: peak, arguments) + (operations?.json ?? [])).text)
    } else {
      report(rows, coldStart: coldStart, peak: peak)
      operations?.print()
    }
    guard let path = arguments["profile"] else { return }
    try ProfileText(CostProbe.costs(of: runner, arguments, laps: 30), of: runner, arguments).write(to: path)
  }

  /// Where the time goes, if that was asked for.
  private static func operations(
    _ runner: ModelRunner, _ lengths: [Int], _ runs: Int, _ arguments: Arguments
  ) throws(CommandError) -> OperationReport? {
    guard arguments.has("operations") else { return nil }
    let costs = try CostProbe(runner: runner, laps: runs).costs(at: lengths)
    return OperationReport(graph: runner.bundle.graph, costs: costs)
  }

  /// The outputs' float32 numbers in hexadecimal.
  private static func bits(_ outputs: [Output]) -> JSON {
    .object(outputs.map { ($0.name, .string(hexadecimal(bits: $0.values))) })
  }

  private static func measure(_ runner: ModelRunner, _ length: Int, _ runs: Int) throws(CommandError) -> Row {
    let request = MadeUpRequest(length, for: runner)
    let warmUp = max(5, runs / 10)
    var laps: [Double] = []
    laps.reserveCapacity(runs)
    for lap in 0..<(runs + warmUp) {
      try request.load(into: runner)
      let watch = Stopwatch()
      try request.run(on: runner)
      if lap >= warmUp { laps.append(watch.milliseconds) }
    }
    laps.sort()
    let work = Double(runner.model.graph.multiplyAccumulates(sequence: length))
    return Row(sequence: length, laps: laps, gigaMACs: work / laps[laps.count / 2] / 1e6)
  }

  /// Milliseconds from the start of a fresh process to its first result: the median of five.
  private static func coldStart(_ arguments: Arguments) throws(CommandError) -> Double {
    var words = ["/proc/self/exe", "bench", arguments.operand, "--once"]
    for flag in ["threads", "kernels", "sequence"] {
      if let value = arguments[flag] { words += ["--" + flag, value] }
    }
    var times: [Double] = []
    for _ in 0..<5 {
      let nanoseconds = timeToFirstByte(of: words)
      guard nanoseconds >= 0 else { throw .system("a process to measure the cold start could not be run") }
      times.append(Double(nanoseconds) / 1e6)
    }
    return times.sorted()[2]
  }

  private static func timeToFirstByte(of words: [String]) -> Int64 {
    var copies = words.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return copies.withUnsafeMutableBufferPointer { posix_time_to_first_byte($0.baseAddress) }
  }

  private static func report(_ rows: [Row], coldStart: Double, peak: Int) {
    Console.print("sequence     p50 ms     p90 ms     p99 ms     GMAC/s")
    for row in rows {
      let numbers = [row.percentile(0.5), row.percentile(0.9), row.percentile(0.99)].map { padded(fixed($0, decimals: 3), 11) }
      Console.print(padded("\(row.sequence)", 8) + numbers[0] + numbers[1] + numbers[2] + padded(fixed(row.gigaMACs, decimals: 1), 11))
    }
    Console.print("cold start   \(fixed(coldStart, decimals: 1)) ms from process start to first result (median of 5)")
    Console.print("peak memory  \(megabytes(peak))")
  }

  private static func json(_ rows: [Row], coldStart: Double, peak: Int, _ arguments: Arguments) -> [(String, JSON)] {
    [
      ("threads", .integer(arguments["threads"].flatMap { Int($0) } ?? 1)), ("cold_start_ms", .number(coldStart, decimals: 3)),
      ("peak_memory_bytes", .integer(peak)),
      (
        "results",
        .array(
          rows.map { row in
            .object([
              ("sequence", .integer(row.sequence)), ("p50_ms", .number(row.percentile(0.5), decimals: 4)),
              ("p90_ms", .number(row.percentile(0.9), decimals: 4)), ("p99_ms", .number(row.percentile(0.99), decimals: 4)),
              ("gmac_per_second", .number(row.gigaMACs, decimals: 2)),
            ])
          })
      ),
    ]
  }
}
