import BundleFormat
import Device
import Inference
import ModelGraph
import Preprocessing
import TestSupport
import Testing

/// A classifier of texts and sounds, of which a text costs less, with a local fusion or without.
private struct TwoModalities {
  let runner: ModelRunner
  let request: Request

  init(hasLocalPath: Bool, temperature: Float = 1) throws {
    let folder = try TemporaryDirectory()
    let path = folder.path + "/two.gguf"
    var contents = BundleContents(name: "two", random: try Self.graph(hasLocalPath: hasLocalPath), seed: 3)
    contents.tokenizer = TokenizerDescription(
      tokens: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "cat", "dog"].map { Array($0.utf8) }, lowercase: true, stripAccents: false,
      splitChinese: true, unknown: 1, classify: 2, separate: 3, pad: 0, maximumTokens: 8)
    contents.sound = SoundInput(rate: 16000, samples: 64, isNormalized: true)
    contents.labels = ["cat", "dog", "owl"]
    contents.confidence = Confidence(temperature: temperature)
    try BundleWriter.write(contents, to: path)
    runner = try ModelRunner(path: path, threads: 2, kernels: nil)
    try runner.activate()
    let samples = (0..<128).map { UInt8($0) }
    request = Request(text: "a cat", sound: Recording(try Sound(pcm16: samples.span, rate: 16000)))
  }

  private static func graph(hasLocalPath: Bool) throws -> Graph {
    var parts = SmallModelBuilder()
    let tokens = parts.graph.input("tokens", shape: Shape([.batch, .sequence]), dataType: .int32)
    let samples = parts.graph.input("samples", shape: .rows(.fixed(64), 1), dataType: .float32)
    let text = parts.endSegment("text", parts.linear("text.in", parts.embedding("text", tokens, 16), 16))
    let sound = parts.endSegment("sound", parts.linear("sound.out", parts.linear("sound.in", samples, 64), 16))
    let all = parts.concatenate("all", [text, sound])
    let logits = parts.linear("logits", parts.pool(parts.linear("fusion", parts.norm("norm", all), 16), .mean), 3)
    parts.graph.endSegment("head")
    guard hasLocalPath else { return try parts.model("two", outputs: [logits]).graph.quantizedAnyhow() }
    let near = parts.pool(parts.concatenate("local.all", [text, sound]), .mean, name: "local.pool")
    let local = parts.linear("local.logits", near, 3)
    parts.graph.endSegment("local", role: .local)
    return try parts.model("two", outputs: [logits, local]).graph.quantizedAnyhow()
  }
}

@Suite struct ActivatedRunTests {
  private func run(_ model: TwoModalities, _ options: ActivationOptions) throws -> (answer: Answer, activation: ModalityActivation) {
    try model.runner.run(model.request, options)
  }

  @Test func aSureAnswerNeedsOneModality() throws {
    let model = try TwoModalities(hasLocalPath: false)
    let (answer, activation) = try run(model, ActivationOptions(threshold: 0))
    #expect(answer.modalities == [.text] && answer.place == .local && answer.tokens == 4)
    #expect(activation[.text] == .first && activation[.image] == nil)
    guard case .confident(let confidence)? = activation[.sound] else { throw Surprise() }
    #expect(confidence == activation.confidence && confidence > 1 / 3)
    let alone = try model.runner.run(Request(text: "a cat"))
    #expect(answer.outputs.map { $0.values } == alone.outputs.map { $0.values })
  }

  /// The bits are those of a run of all at once.
  @Test(arguments: [false, true]) func anUnsureAnswerNeedsAll(hasLocalPath: Bool) throws {
    let model = try TwoModalities(hasLocalPath: hasLocalPath, temperature: 100)
    let (answer, activation) = try run(model, ActivationOptions(threshold: 1))
    #expect(answer.modalities == [.text, .sound] && answer.place == .local && !activation.isConfident)
    let whole = try model.runner.run(model.request)
    #expect(answer.outputs.map { $0.name } == ["logits"])
    #expect(answer.outputs.map { $0.values } == whole.outputs.map { $0.values })
  }

  @Test func theLocalFusionIsTheCheapStage() throws {
    let model = try TwoModalities(hasLocalPath: true)
    let (answer, _) = try run(model, ActivationOptions(threshold: 0))
    #expect(answer.modalities == [.text] && answer.place == .localFusion && answer.outputs.map { $0.name } == ["local.logits"])
    #expect(!answer.isDegraded)
    #expect(try model.runner.run(model.request).outputs.map { $0.name } == ["logits"])
  }

  @Test func aHigherTemperatureIsLessConfident() throws {
    let confidences = try [0.1, 1, 100].map { temperature in
      try run(TwoModalities(hasLocalPath: false, temperature: temperature), ActivationOptions(threshold: 0)).activation.confidence ?? -1
    }
    #expect(confidences[0] > confidences[1] && confidences[1] > confidences[2] && confidences[2] >= 1 / 3)
  }

  @Test func aRequestMayBeLimited() throws {
    let model = try TwoModalities(hasLocalPath: false)
    let sound = try run(model, ActivationOptions(only: [.sound], threshold: 1))
    #expect(sound.answer.modalities == [.sound] && sound.answer.tokens == 0 && sound.activation[.text] == .excluded)
    let late = try run(model, ActivationOptions(threshold: 1, budget: ActivationBudget(milliseconds: 0)))
    #expect(late.answer.modalities == [.text] && late.activation[.sound] == .overBudget)
    #expect(throws: DeviceError.self) { try run(model, ActivationOptions(only: [.image])) }
    #expect(throws: DeviceError.self) { try model.runner.run(Request(), ActivationOptions()) }
  }
}

// Where no peer answers.
extension ActivatedRunTests {
  @Test(arguments: [true, false]) func theLocalFusionAnswersForAPeer(hasLocalPath: Bool) throws {
    let model = try TwoModalities(hasLocalPath: hasLocalPath)
    let expected = try model.runner.run(model.request, ActivationOptions(threshold: 0))
    for (split, request) in [("sound", Request(text: "a cat")), ("sound", model.request), ("input", Request(text: "a cat"))] {
      let options = SplitOptions(peers: [try PeerAddress("127.0.0.1:1")], course: .fixed(split), deadlineMilliseconds: 1000, fallback: true)
      let answer = try SplitRunner(runner: model.runner, options: options).run(request)
      #expect(answer.place == (hasLocalPath ? .localFusion : .localFallback) && answer.isDegraded)
      #expect(answer.outputs.map { $0.name } == [hasLocalPath ? "local.logits" : "logits"])
      if request.sound == nil { #expect(answer.outputs.map { $0.values } == expected.answer.outputs.map { $0.values }) }
    }
  }
}

private struct Surprise: Error {}
