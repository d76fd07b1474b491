import BundleFormat
import Inference
import ModelGraph
import Split
import Wire

/// How and with whom execution is split.
package struct SplitOptions: Sendable {
  package let peer: PeerAddress
  /// The split point's name.
  package let split: String
  /// From the caller's start to the answer, also where the answer is local.
  package let deadlineMilliseconds: Int
  /// Whether a local answer is wanted where the peer gives none.
  package let fallback: Bool

  package init(peer: PeerAddress, split: String, deadlineMilliseconds: Int, fallback: Bool) {
    self.peer = peer
    self.split = split
    self.deadlineMilliseconds = deadlineMilliseconds
    self.fallback = fallback
  }
}

/// A model whose later segments run on a peer.
package final class SplitRunner {
  private let runner: ModelRunner
  private let options: SplitOptions
  private let split: Int
  private let connection: PeerConnection
  private var compressor = FeatureEncoder()

  package init(runner: ModelRunner, options: SplitOptions) throws(DeviceError) {
    let points = runner.model.graph.splitPoints
    guard let split = points.firstIndex(where: { $0.name == options.split }) else {
      throw .unknownSplit(options.split, available: points.map { $0.name })
    }
    // All of it, since what the peer does not answer is computed here, and within the deadline.
    do throws(InferenceError) { try runner.model.activate() } catch { throw runner.failure(error) }
    self.runner = runner
    self.options = options
    self.split = split
    let bundle = runner.bundle
    connection = PeerConnection(address: options.peer, contract: BundleContract(hash: bundle.hash, graph: bundle.graph))
  }

  deinit { connection.leave() }

  /// Runs the device's part, sends the features and waits for the rest; where the peer fails, computes the rest here if a fallback is
  /// wanted, else throws. The peer expects every modality of the model.
  package func run(_ request: Request) throws(DeviceError) -> Answer {
    for modality in runner.modalities where !request.modalities.contains(modality) { throw .absentModality(modality) }
    let start = Moment.now
    let watch = Stopwatch()
    let tokens = try runner.bring(request)
    let sequence = max(1, tokens)
    let features = try runDevicePart()
    let reserve = options.fallback ? localEstimate(sequence: sequence, devicePart: watch.milliseconds) : 0
    let patience = UInt32(clamping: max(1, options.deadlineMilliseconds - reserve))
    let (sent, received) = (connection.bytesSent, connection.bytesReceived)
    let outcome = connection.request(
      SplitRequest(
        split: UInt16(split), sequence: UInt16(sequence), features: compressor.encode(features.span),
        deadline: start.adding(milliseconds: patience)))
    let answer = { (outputs: [Output], place: Place, failure: RemoteFailure?) in
      Answer(
        outputs: outputs, place: place, failure: failure, modalities: request.modalities, tokens: tokens, milliseconds: watch.milliseconds,
        bytesSent: self.connection.bytesSent - sent, bytesReceived: self.connection.bytesReceived - received)
    }
    switch outcome {
    case .success(let bytes): return answer([output(Self.floats(bytes))], .peer, nil)
    case .failure(let failure):
      guard options.fallback else { throw .remote(failure, address: options.peer) }
      return answer(try runRest(features, sequence: sequence), .localFallback, failure)
    }
  }

  private func runDevicePart() throws(DeviceError) -> [UInt8] {
    var features = [UInt8](repeating: 0, count: runner.session.featureByteCount(split: split))
    do throws(InferenceError) {
      var span = features.mutableSpan
      try runner.session.run(until: split, features: &span)
    } catch { throw runner.failure(error) }
    return features
  }

  private func runRest(_ features: [UInt8], sequence: Int) throws(DeviceError) -> [Output] {
    do throws(InferenceError) {
      try runner.session.run(features: features.span, from: split, sequence: sequence)
    } catch { throw runner.failure(error) }
    return try runner.outputs()
  }

  /// The first output of the model, as the peer computed it.
  private func output(_ values: [Float]) -> Output {
    let tensor = runner.bundle.graph[runner.bundle.graph.outputs[0]]
    return Output(name: tensor.name, values: values, isEmbedding: tensor.dataType == .float32)
  }

  /// Milliseconds to keep back for the local answer: twice what the device's part took, in proportion to the work, and at least what a
  /// slow processor (2 million multiply–accumulates a millisecond) needs where that part did no work to go by.
  private func localEstimate(sequence: Int, devicePart: Double) -> Int {
    let graph = runner.model.graph
    let cut = graph.segments[graph.splitPoints[split].segment].nodes.upperBound
    let done = Double(graph.multiplyAccumulates(of: 0..<cut, sequence: sequence))
    let rest = Double(graph.multiplyAccumulates(of: cut..<graph.nodes.count, sequence: sequence))
    let estimate = done > 0 ? 2 * devicePart * rest / done : rest / 2e6
    return Int(min(estimate, Double(options.deadlineMilliseconds) / 2)) + 5
  }

  private static func floats(_ bytes: [UInt8]) -> [Float] {
    stride(from: 0, to: bytes.count - 3, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) })
    }
  }
}
