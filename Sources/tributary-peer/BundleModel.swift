import BundleFormat
import Device
import Inference
import Peer
import Split
import Wire

/// An opened bundle as a peer's model, run by one session on the peer's model thread.
///
/// Unchecked, since a session is for one thread at a time and both `run` are called on one thread only.
final class BundleModel: FusionModel, @unchecked Sendable {
  let contract: BundleContract
  let dictionary: FeatureDictionary?
  private let runner: ModelRunner
  /// Where what is behind split points runs in float.
  private let fusion: FloatFusion?

  init(runner: ModelRunner, fusion: FloatFusion?) {
    self.fusion = fusion
    contract = BundleContract(hash: runner.bundle.hash, graph: runner.bundle.graph)
    dictionary = FeatureDictionary(runner.bundle.featureDictionary)
    self.runner = runner
  }

  func check(_ request: FusionRequest, from split: UInt16) throws(FusionFailure) {
    do throws(InferenceError) {
      try runner.model.check(
        request.features.span, split: Int(split), sequence: Int(request.sequence), present: UInt64(request.present))
    } catch {
      if case .badFeatures = error { throw .malformedFeatures }
      throw .failed(reason: error.description)
    }
  }

  func run(_ requests: [FusionRequest], from split: UInt16) throws(FusionFailure) -> [[UInt8]] {
    let batch = requests.map { SplitFeatures(features: $0.features, sequence: Int($0.sequence), present: UInt64($0.present)) }
    if let fusion { return try fusion.run(batch, from: Int(split), decoding: runner.session) }
    do throws(InferenceError) { try runner.session.run(batch, from: Int(split)) } catch { throw .failed(reason: error.description) }
    return try requests.indices.map { item throws(FusionFailure) in try outputs(item: item) }
  }

  /// Up to the first split point each of several runs alone, from there on they run together.
  func run(_ requests: [RawInputs], present: UInt16) -> [Result<WholeAnswer, FusionFailure>] {
    guard requests.count > 1, contract.featureBytes(split: 0, sequence: 1, present: present) != nil else {
      return requests.map { inputs in Result { () throws(FusionFailure) in try runAlone(inputs, present) } }
    }
    let begun = requests.map { inputs in Result { () throws(FusionFailure) in try begin(inputs, present) } }
    let ready = begun.compactMap { try? $0.get() }
    if !ready.isEmpty {
      do throws(InferenceError) { try runner.session.run(ready, from: 0) } catch {
        let failure = FusionFailure.failed(reason: error.description)
        return begun.map { $0.flatMap { _ in .failure(failure) } }
      }
    }
    var items = ready.indices.makeIterator()
    return begun.map { begun in
      begun.flatMap { features in
        let item = items.next() ?? 0
        return Result { () throws(FusionFailure) in WholeAnswer(body: try outputs(item: item), sequence: UInt16(features.sequence)) }
      }
    }
  }

  private func runAlone(_ inputs: RawInputs, _ present: UInt16) throws(FusionFailure) -> WholeAnswer {
    let request = try request(of: inputs, present)
    let answer: Answer
    do throws(DeviceError) { answer = try runner.run(request) } catch { throw failure(error) }
    return WholeAnswer(body: try outputs(item: 0), sequence: UInt16(max(1, answer.tokens)))
  }

  /// Runs the model up to its first split point.
  private func begin(_ inputs: RawInputs, _ present: UInt16) throws(FusionFailure) -> SplitFeatures {
    let request = try request(of: inputs, present)
    do throws(DeviceError) {
      let tokens = try runner.bring(request)
      return SplitFeatures(features: try runner.features(until: 0), sequence: max(1, tokens), present: UInt64(present))
    } catch { throw failure(error) }
  }

  private func request(of inputs: RawInputs, _ present: UInt16) throws(FusionFailure) -> Request {
    var request = Request(text: inputs[.text].map { String(decoding: $0, as: UTF8.self) })
    request.image = inputs[.image].map { Picture(encoded: $0) }
    request.sound = inputs[.sound].map { Recording(encoded: $0) }
    guard runner.inputs(of: request.modalities) == UInt64(present) else { throw .unsuitableInput }
    return request
  }

  private func failure(_ error: DeviceError) -> FusionFailure {
    switch error {
    case .media, .tokenizer, .noInput, .emptyRequest: .unsuitableInput
    default: .failed(reason: error.description)
    }
  }

  /// The rows of the outputs that a request of the last run reached, little-endian.
  private func outputs(item: Int) throws(FusionFailure) -> [UInt8] {
    do throws(DeviceError) {
      return try runner.outputs(item: item).flatMap { output in
        output.values.flatMap(\.littleEndianBytes)
      }
    } catch { throw .failed(reason: error.description) }
  }
}
