import BundleFormat
import Device
import Inference
import Peer
import Split
import Wire

/// An opened bundle as a peer's model, run by one session on the peer's model thread.
///
/// Unchecked, since a session is for one thread at a time and `run` is called on one thread only.
final class BundleModel: FusionModel, @unchecked Sendable {
  let contract: BundleContract
  let dictionary: FeatureDictionary?
  private let runner: ModelRunner

  init(runner: ModelRunner) {
    contract = BundleContract(hash: runner.bundle.hash, graph: runner.bundle.graph)
    dictionary = FeatureDictionary(runner.bundle.featureDictionary)
    self.runner = runner
  }

  func run(split: UInt16, sequence: UInt16, present: UInt16, features: [UInt8]) throws(FusionFailure) -> [UInt8] {
    do throws(InferenceError) {
      try runner.session.run(features: features.span, from: Int(split), sequence: Int(sequence), present: UInt64(present))
    } catch {
      if case .badFeatures = error { throw .malformedFeatures }
      throw .failed(reason: error.description)
    }
    return try outputs()
  }

  func run(_ inputs: RawInputs, present: UInt16) throws(FusionFailure) -> (body: [UInt8], sequence: UInt16) {
    var request = Request(text: inputs[.text].map { String(decoding: $0, as: UTF8.self) })
    request.image = inputs[.image].map { Picture(encoded: $0) }
    request.sound = inputs[.sound].map { Recording(encoded: $0) }
    guard runner.inputs(of: request.modalities) == UInt64(present) else { throw .unsuitableInput }
    let answer: Answer
    do throws(DeviceError) { answer = try runner.run(request) } catch {
      switch error {
      case .media, .tokenizer, .noInput, .emptyRequest: throw .unsuitableInput
      default: throw .failed(reason: error.description)
      }
    }
    return (try outputs(), UInt16(max(1, answer.tokens)))
  }

  /// The rows of the outputs that the last run reached, little-endian.
  private func outputs() throws(FusionFailure) -> [UInt8] {
    do throws(DeviceError) {
      return try runner.outputs().flatMap { output in
        output.values.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) } }
      }
    } catch { throw .failed(reason: error.description) }
  }
}
