package import BundleFormat
package import Inference
package import ModelGraph
import Preprocessing
import Split

/// Opens a bundle and checks all of it but the segments, which are checked when they are first needed.
package func openBundle(_ path: String) throws(DeviceError) -> Bundle {
  do throws(BundleError) { return try Bundle(unverified: path) } catch { throw .bundle(path: path, error) }
}

/// A bundle opened to run: what prepares its inputs, the model and one session.
package final class ModelRunner {
  package let bundle: Bundle
  package let model: Model
  package let session: Session
  /// The input of texts, where the bundle knows how to prepare them.
  private let textInput: Int?
  /// Made when a text first comes.
  private var tokenizer: TextTokenizer?
  private let picture: PictureInput?
  private let sound: (options: SoundOptions, input: Int)?

  /// Opens and plans a bundle; `batch` is the most requests whose features run together.
  package init(path: String, threads: Int, kernels: String?, batch: Int = 1) throws(DeviceError) {
    bundle = try openBundle(path)
    do throws(InferenceError) {
      model = try Model(bundle: bundle)
      session = try Session(model: model, threads: threads, kernels: KernelSet.named(kernels), batch: batch)
    } catch { throw .inference(error) }
    textInput = Self.textInput(of: bundle)
    do throws(MediaError) {
      picture = try Self.pictureInput(of: bundle)
      sound = try Self.soundInput(of: bundle)
    } catch { throw .media(path: path, error) }
  }

  /// Checks all of the bundle now, and makes ready what the first request would wait for.
  package func activate() throws(DeviceError) {
    try activateSegments()
    do throws(InferenceError) { try model.activate() } catch { throw failure(error) }
  }

  /// The same but for tables of tokens, whose rows are checked when their tokens come.
  func activateSegments() throws(DeviceError) {
    do throws(InferenceError) { try model.activateSegments() } catch { throw failure(error) }
    if modalities.contains(.text) { try makeTokenizer() }
  }

  /// Has features keep that share of the columns that may stay behind: one of the bundle's rate points, or 1.
  package func keep(share: Float) throws(DeviceError) {
    guard share != 1 else { return session.keptColumns = [:] }
    guard let points = bundle.ratePoints, points.shares.contains(share) else {
      throw .unknownRate(available: bundle.ratePoints?.shares ?? [])
    }
    session.keptColumns = points.columns(share, of: bundle.graph)
  }

  /// What scores are divided by before the softmax that tells confidence.
  package var temperature: Float { bundle.confidence?.temperature ?? 1 }

  /// The modalities that the model takes and the bundle knows how to prepare.
  package var modalities: [Modality] {
    var known: [Modality] = []
    if textInput != nil { known.append(.text) }
    if picture != nil { known.append(.image) }
    if sound != nil { known.append(.sound) }
    return known
  }

  /// The identifiers of a text, where there is one.
  func tokens(of words: String?) throws(DeviceError) -> [Int32]? {
    guard let words else { return nil }
    try makeTokenizer()
    guard textInput != nil, let tokenizer else { throw .noInput(path: bundle.path, .text) }
    return tokenizer.encode(words)
  }

  /// Makes the tokenizer now, which the first text would make otherwise.
  func makeTokenizer() throws(DeviceError) {
    guard tokenizer == nil else { return }
    do throws(TokenizerError) { tokenizer = try TextTokenizer(bundle) } catch { throw .tokenizer(error) }
  }

  /// Runs everything that the request reaches, here. The time is that of preparing and running, without making the tokenizer and checking
  /// segments, which only first requests wait for.
  package func run(_ request: Request) throws(DeviceError) -> Answer {
    if request.text != nil { try makeTokenizer() }
    let preparation = Stopwatch()
    let tokens = try bring(request)
    let prepared = preparation.milliseconds
    do throws(InferenceError) { try session.activate() } catch { throw failure(error) }
    let watch = Stopwatch()
    do throws(InferenceError) { try session.run() } catch { throw failure(error) }
    return Answer(
      outputs: try outputs(), place: .local, failure: nil, modalities: request.modalities, tokens: tokens,
      milliseconds: prepared + watch.milliseconds, wire: nil, handover: .none, plan: nil)
  }

  /// Prepares what a request brings and hands it to the session; returns the number of tokens.
  package func bring(_ request: Request) throws(DeviceError) -> Int {
    try check(request)
    return try bring(request, tokens: tokens(of: request.text))
  }

  /// The same for a checked request whose text, where it has one, is those tokens.
  func bring(_ request: Request, tokens: [Int32]?) throws(DeviceError) -> Int {
    try begin(tokens)
    for modality in request.modalities { try bring(modality, of: request, tokens: tokens ?? []) }
    return tokens?.count ?? 0
  }

  /// Starts a request in the session, which has room for a text of those tokens from then on.
  func begin(_ tokens: [Int32]?) throws(DeviceError) {
    do throws(InferenceError) { try session.begin(sequence: tokens?.count ?? 1) } catch { throw failure(error) }
  }

  /// Prepares one modality of a checked request that was started with those tokens, and hands it to the session.
  func bring(_ modality: Modality, of request: Request, tokens: [Int32]) throws(DeviceError) {
    switch modality {
    case .text:
      guard let textInput else { return }
      do throws(InferenceError) { try session.load(tokens: tokens.span, input: textInput) } catch { throw failure(error) }
    case .image: if let image = request.image, let picture { try picture.load(image.decoded(), into: session) }
    case .sound: if let recording = request.sound, let sound { try load(recording.decoded(), sound.options, input: sound.input) }
    }
  }

  private func load(_ recording: Sound, _ options: SoundOptions, input: Int) throws(DeviceError) {
    let samples: [Float]
    do throws(MediaError) { samples = try options.prepare(recording) } catch { throw .media(path: "sound", error) }
    do throws(InferenceError) { try session.load(values: samples.span, input: input) } catch { throw failure(error) }
  }

  /// Runs what was brought up to a split point; returns the features that cross it.
  package func features(until split: Int) throws(DeviceError) -> [UInt8] {
    var features = [UInt8](repeating: 0, count: session.featureByteCount(split: split))
    do throws(InferenceError) {
      var span = features.mutableSpan
      try session.run(until: split, features: &span)
    } catch { throw failure(error) }
    return features
  }

  /// The places in `Graph.inputs` that those modalities feed, a bit each.
  package func inputs(of modalities: [Modality]) -> UInt64 {
    modalities.reduce(0) { bits, modality in
      let place =
        switch modality {
        case .text: textInput
        case .image: picture?.input
        case .sound: sound?.input
        }
      return bits | (place.map { 1 << UInt64($0) } ?? 0)
    }
  }

  /// Throws where the request brings nothing, or something that the model does not take.
  package func check(_ request: Request) throws(DeviceError) {
    guard !request.modalities.isEmpty else { throw .emptyRequest(takes: modalities) }
    for modality in request.modalities where !modalities.contains(modality) { throw .noInput(path: bundle.path, modality) }
  }

  /// Whether any output is an embedding.
  package var embeds: Bool { bundle.graph.outputs.contains { bundle.graph[$0].dataType == .float32 } }

  /// The outputs that a request of the last run reached.
  package func outputs(item: Int = 0) throws(DeviceError) -> [Output] {
    var outputs: [Output] = []
    for (index, id) in bundle.graph.outputs.enumerated() where session.rowCount(output: index, item: item) > 0 {
      let width = bundle.graph[id].shape.width ?? 0
      var values = [Float](repeating: 0, count: session.rowCount(output: index, item: item) * width)
      do throws(InferenceError) {
        var span = values.mutableSpan
        try session.read(output: index, item: item, into: &span)
      } catch { throw .inference(error) }
      outputs.append(Output(name: bundle.graph[id].name, values: values, isEmbedding: bundle.graph[id].dataType == .float32))
    }
    return outputs
  }

  func failure(_ error: InferenceError) -> DeviceError {
    if case .damaged(let damage) = error { .bundle(path: bundle.path, damage) } else { .inference(error) }
  }
}

// What a bundle says of its inputs.
extension ModelRunner {
  private static func textInput(of bundle: Bundle) -> Int? {
    bundle.tokenizer == nil && bundle.bytePair == nil ? nil : bundle.graph.input(of: .text)
  }

  private static func pictureInput(of bundle: Bundle) throws(MediaError) -> PictureInput? {
    guard let image = bundle.image, let input = bundle.graph.input(of: .image),
      case .codes(let scale, let zero) = bundle.graph[bundle.graph.inputs[input]].quantization
    else { return nil }
    return try PictureInput(image, input: input, scale: scale, zero: zero)
  }

  private static func soundInput(of bundle: Bundle) throws(MediaError) -> (options: SoundOptions, input: Int)? {
    guard let sound = bundle.sound, let input = bundle.graph.input(of: .sound) else { return nil }
    let options = try SoundOptions(rate: sound.rate, samples: sound.samples, features: .waveform(normalized: sound.isNormalized))
    return (options, input)
  }
}
