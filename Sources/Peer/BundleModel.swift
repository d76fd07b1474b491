import BundleFormat
package import Inference
package import Split

/// An opened bundle as a peer's model: its later segments, run by one session on the peer's model thread.
///
/// Unchecked, since a session is for one thread at a time and `run` is called on one thread only.
package final class BundleModel: FusionModel, @unchecked Sendable {
  package let contract: BundleContract
  private let session: Session

  package init(session: Session) {
    contract = BundleContract(hash: session.model.bundle.hash, graph: session.model.graph)
    self.session = session
  }

  package func run(split: UInt16, sequence: UInt16, features: [UInt8]) throws(FusionFailure) -> [UInt8] {
    var output = [Float](repeating: 0, count: session.model.outputWidth)
    do throws(InferenceError) {
      var span = output.mutableSpan
      try session.run(features: features.span, from: Int(split), sequence: Int(sequence), output: &span)
    } catch {
      if case .badFeatures = error { throw .malformedFeatures }
      throw .failed(reason: error.description)
    }
    return output.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) } }
  }
}
