import BundleFormat
import Device
import Inference
import ModelGraph
import Preprocessing
import Split
import Wire

/// What a bundle's parts take on this device, as measured: microseconds, each the lower quartile over laps (of nodes together: the sum of
/// theirs), so that other programs' turns on the processor do not count.
struct MeasuredCosts {
  /// Lengths in tokens.
  let sequences: [Int]
  /// [node][length]
  let nodes: [[Double]]
  /// [segment][length]
  let segments: [[Double]]
  /// By operation, as they first come in the graph: [length]. What is fused with another is not there.
  let operations: [(name: String, times: [Double])]
  /// [input][length]
  let preparation: [[Double]]
  /// A byte of features.
  let encoding: Double

  /// What the planner wants of them.
  var planned: DeviceCosts { DeviceCosts(sequences: sequences, segments: segments, preparation: preparation, encoding: encoding) }
}

/// Measures a bundle on made-up inputs, as thread 0 sees it.
struct CostProbe {
  let runner: ModelRunner
  /// Timed runs a length.
  let laps: Int

  private var graph: Graph { runner.bundle.graph }

  /// 8, 16, 32 … up to the longest sequence, which is always there; 1 for a model without text.
  static func lengths(of runner: ModelRunner) -> [Int] {
    guard runner.bundle.graph.input(of: .text) != nil else { return [1] }
    let limit = runner.bundle.graph.limits.sequence
    var lengths = [min(8, limit)]
    while let last = lengths.last, last < limit { lengths.append(min(2 * last, limit)) }
    return lengths
  }

  /// Measures a runner as the flags `sequence` and `runs` say.
  static func costs(of runner: ModelRunner, _ arguments: Arguments, laps standard: Int) throws(CommandError) -> MeasuredCosts {
    let given = try usage { () throws(UsageError) in try arguments.numbers("sequence", in: 1...65_535, default: lengths(of: runner)) }
    let laps = try usage { () throws(UsageError) in try arguments.number("runs", in: 1...1_000_000, default: standard) }
    guard zip(given, given.dropFirst()).allSatisfy({ $0 < $1 }) else { throw .usage(.notRising(flag: "sequence")) }
    return try CostProbe(runner: runner, laps: laps).costs(at: given)
  }

  /// Measures at those lengths.
  func costs(at sequences: [Int]) throws(CommandError) -> MeasuredCosts {
    var nodes = [[Double]](repeating: [], count: graph.nodes.count)
    for sequence in sequences {
      let laps = try nodeTimes(sequence)
      for node in nodes.indices { nodes[node].append(lowerQuartile(laps.map { Double($0[node]) / 1e3 })) }
    }
    let sum = { (isCounted: (Int) -> Bool) in
      sequences.indices.map { length in nodes.indices.reduce(0) { isCounted($1) ? $0 + nodes[$1][length] : $0 } }
    }
    return MeasuredCosts(
      sequences: sequences, nodes: nodes, segments: graph.segments.map { segment in sum { segment.nodes.contains($0) } },
      operations: operationNames.map { name in (name, sum { graph.nodes(of: .main).contains($0) && graph.nodes[$0].operation.name == name })
      }
      .filter { $0.1.contains { $0 > 0 } },
      preparation: try preparation(at: sequences), encoding: try encoding(sequences[sequences.count - 1]))
  }

  /// Nanoseconds [lap][node], on both paths.
  private func nodeTimes(_ sequence: Int) throws(CommandError) -> [[Int64]] {
    let request = MadeUpRequest(sequence, for: runner)
    var times: [[Int64]] = []
    for lap in -3..<laps {
      try request.load(into: runner)
      let lapTimes = try runner.session.nodeTimes { () throws(CommandError) in
        try request.run(on: runner)
        guard runner.session.hasLocalPath else { return }
        do throws(InferenceError) { try runner.session.complete(.local) } catch { throw .device(.inference(error)) }
      }
      if lap >= 0 { times.append(lapTimes) }
    }
    return times
  }

  private var operationNames: [String] {
    var names: [String] = []
    for node in graph.nodes where !names.contains(node.operation.name) { names.append(node.operation.name) }
    return names
  }

  /// Of a text of as many words as tokens, a picture of 640 × 480 or a sound of the model's length; inputs of features take none.
  private func preparation(at sequences: [Int]) throws(CommandError) -> [[Double]] {
    var times = [[Double]](repeating: [Double](repeating: 0, count: sequences.count), count: graph.inputs.count)
    for modality in runner.modalities {
      guard let input = graph.input(of: modality) else { continue }
      for (index, sequence) in sequences.enumerated() {
        let request = try device { () throws(DeviceError) in try madeUp(modality, words: sequence) }
        var found: [Double] = []
        for _ in 0..<laps {
          let watch = Stopwatch()
          _ = try device { () throws(DeviceError) in try runner.bring(request) }
          found.append(watch.milliseconds * 1e3)
        }
        times[input][index] = lowerQuartile(found)
      }
    }
    return times
  }

  private func madeUp(_ modality: Modality, words: Int) throws(DeviceError) -> Request {
    do throws(MediaError) {
      switch modality {
      case .text: return Request(text: joined(Array(repeating: "cat", count: words), " "))
      case .image:
        let pixels = (0..<640 * 480 * 3).map { UInt8(truncatingIfNeeded: $0 &* 37 >> 4) }
        return Request(image: Picture(try RGBImage(rgb24: pixels.span, width: 640, height: 480)))
      case .sound:
        let options = runner.bundle.sound
        let samples = [UInt8](repeating: 1, count: 2 * (options?.samples ?? 1))
        return Request(sound: Recording(try Sound(pcm16: samples.span, rate: options?.rate ?? Sound.rates.lowerBound)))
      }
    } catch { throw .media(path: "made-up \(modality.rawValue)", error) }
  }

  /// Storing and compressing a byte at the split point with the most; 0 for a model without any.
  private func encoding(_ sequence: Int) throws(CommandError) -> Double {
    let sizes = graph.splitPoints.indices.map { runner.model.featureByteCount(split: $0, sequence: sequence) }
    guard let most = sizes.max(), let split = sizes.firstIndex(of: most), most > 0 else { return 0 }
    try MadeUpRequest(sequence, for: runner).load(into: runner)
    var features = [UInt8](repeating: 0, count: most)
    do throws(InferenceError) {
      var span = features.mutableSpan
      try runner.session.run(until: split, features: &span)
    } catch { throw .device(.inference(error)) }
    let encoder = FeatureEncoder(dictionary: runner.bundle.featureDictionary)
    return lowerQuartile(
      (0..<laps).map { _ in
        let watch = Stopwatch()
        _ = encoder.encode(features)
        return watch.milliseconds * 1e3
      }) / Double(most)
  }

  private func lowerQuartile(_ values: [Double]) -> Double { values.sorted()[values.count / 4] }
}

/// The most memory, in bytes, that this process has had resident. (`getrusage` would count what the starting process had as well.)
func peakMemory() throws(DeviceError) -> Int {
  for line in try readLines("/proc/self/status") where line.utf8.starts(with: "VmHWM:".utf8) {
    let digits = line.utf8.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return (Int(String(decoding: digits, as: UTF8.self)) ?? 0) * 1024
  }
  return 0
}
