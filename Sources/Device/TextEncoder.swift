package import BundleFormat
package import Inference
import ModelGraph
import Preprocessing

/// Opens a bundle and checks all of it.
package func openBundle(_ path: String) throws(DeviceError) -> Bundle {
  do throws(BundleError) { return try Bundle(path: path) } catch { throw .bundle(path: path, error) }
}

/// A bundle opened for texts: tokenizer, model and one session.
package final class TextEncoder {
  package let bundle: Bundle
  package let model: Model
  package let session: Session
  let tokenizer: WordPieceTokenizer
  let maximumTokens: Int

  /// Opens, verifies and plans a bundle.
  package init(path: String, threads: Int, kernels: String?) throws(DeviceError) {
    bundle = try openBundle(path)
    let stored: WordPieceTokenizer?
    do throws(TokenizerError) { stored = try WordPieceTokenizer(bundle) } catch { throw .tokenizer(error) }
    guard let stored, let options = bundle.tokenizer else { throw .noTokenizer(path: path) }
    tokenizer = stored
    maximumTokens = min(options.maximumTokens, bundle.graph.limits.sequence)
    do throws(InferenceError) {
      model = try Model(bundle: bundle)
      session = try Session(model: model, threads: threads, kernels: KernelSet.named(kernels))
    } catch { throw .inference(error) }
  }

  /// The identifiers of a text, cut to what the model takes.
  package func tokens(of text: String) -> [Int32] { tokenizer.encode(text, maximumTokens: maximumTokens) }

  /// Runs everything here.
  package func encode(_ text: String) throws(DeviceError) -> Answer {
    let start = Stopwatch()
    let tokens = tokens(of: text)
    return Answer(
      embedding: try encode(tokens: tokens), place: .local, failure: nil, tokens: tokens.count, milliseconds: start.milliseconds,
      bytesSent: 0, bytesReceived: 0)
  }

  /// The embedding of identifiers.
  package func encode(tokens: [Int32]) throws(DeviceError) -> [Float] {
    try embedding { output throws(InferenceError) in try session.run(tokens: tokens.span, output: &output) }
  }

  /// What a run of the session puts out.
  func embedding(_ run: (inout MutableSpan<Float>) throws(InferenceError) -> Void) throws(DeviceError) -> [Float] {
    var embedding = [Float](repeating: 0, count: model.outputWidth)
    do throws(InferenceError) {
      var output = embedding.mutableSpan
      try run(&output)
    } catch { throw .inference(error) }
    return embedding
  }
}
