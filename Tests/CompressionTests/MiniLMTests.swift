import Autograd
import BundleFormat
import Compression
import Foundation
import Inference
import ModelGraph
import Models
import Preprocessing
import Testing
import Training

/// The real model, in float and as the device runs it, against transformers.
@Suite(.enabled(if: GoldenEmbeddings.model != nil), .serialized)
struct MiniLMTests {
  private let golden: GoldenEmbeddings
  private let model: HuggingFaceModel
  private let tokenizer: WordPieceTokenizer

  init() throws {
    golden = try GoldenEmbeddings()
    model = try HuggingFaceModel(directory: try #require(GoldenEmbeddings.model))
    tokenizer = try WordPieceTokenizer(#require(model.tokenizer))
  }

  private var interpreter: FloatInterpreter {
    get throws { try FloatInterpreter(graph: model.graph, parameters: model.parameters) }
  }

  /// The tokens of a file of `tools/demo-data`.
  private func tokens(ofLines name: String) throws -> [[Int32]] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(contentsOf: root.appendingPathComponent("tools/demo-data/" + name), encoding: .utf8)
    return text.split(separator: "\n").map { tokenizer.encode(String($0), maximumTokens: 256) }
  }

  /// The quantised model, written and opened again.
  private func session() throws -> Session {
    var calibration = Calibration()
    for text in try tokens(ofLines: "sentences.txt") { try calibration.observe(text, with: interpreter) }
    let quantized = try Quantizer(graph: model.graph, parameters: model.parameters, calibration: calibration).quantize()
    let contents = BundleContents(
      name: "minilm", graph: quantized.graph, parameters: quantized.parameters, tokenizer: model.tokenizer)
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("tributary-" + UUID().uuidString + ".gguf").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try BundleWriter.write(contents, to: path)
    return try Session(model: Model(bundle: BundleFormat.Bundle(path: path)))
  }

  private func embedding(_ tokens: [Int32], _ session: Session) throws -> [Float] {
    var output = [Float](repeating: 0, count: 384)
    var span = output.mutableSpan
    try session.run(tokens: tokens.span, output: &span)
    return output
  }

  @Test func sentencesHaveTheTokensOfTransformers() {
    #expect(golden.sentences.map { tokenizer.encode($0, maximumTokens: 256) } == golden.tokens)
  }

  @Test func floatEqualsTransformers() throws {
    #expect(model.graph.splitPoints.map(\.name) == ["embeddings"] + (0..<6).map { "encoder.\($0)" })
    #expect(model.tokenizer?.tokens.count == 30522 && model.tokenizer?.options.maximumTokens == 256)
    let interpreter = try interpreter
    var worst: Float = 0
    for (tokens, expected) in zip(golden.tokens, golden.embeddings) {
      worst = max(worst, zip(try interpreter.run(tokens: tokens).values, expected).map { abs($0 - $1) }.max() ?? 1)
    }
    // The golden values are rounded to at most 5e-6.
    #expect(worst < 1e-5, "\(worst)")
  }

  @Test func int8IsCloseToTransformers() throws {
    let session = try session()
    let cosines = try zip(golden.tokens, golden.embeddings).map { dot(try embedding($0, session), $1) }
    let mean = cosines.reduce(0, +) / Float(cosines.count)
    let least = cosines.min() ?? 0
    #expect(mean >= 0.997 && least >= 0.985, "mean \(mean), least \(least)")
    try labelsKeepTheirOrder(session)
  }

  /// Of two labels whose similarities differ by more than 0.04 in float, the nearer stays the nearer; and the nearest stays
  /// where it leads by more than 0.02.
  private func labelsKeepTheirOrder(_ session: Session) throws {
    let interpreter = try interpreter
    let labels = try tokens(ofLines: "labels.txt")
    let float = try labels.map { try interpreter.run(tokens: $0).values }
    let int8 = try labels.map { try embedding($0, session) }
    var swapped = 0
    var lost = 0
    for (tokens, expected) in zip(golden.tokens, golden.embeddings) {
      let sentence = try embedding(tokens, session)
      let truth = float.map { dot($0, expected) }
      let found = int8.map { dot($0, sentence) }
      for (a, b) in zip(truth, found) {
        swapped += zip(truth, found).filter { $0 < a - 0.04 && $1 > b }.count
      }
      let order = truth.sorted(by: >)
      if order[0] - order[1] > 0.02, truth.firstIndex(of: order[0]) != found.firstIndex(of: found.max() ?? 0) { lost += 1 }
    }
    #expect(swapped == 0 && lost == 0, "\(swapped) pairs swapped, \(lost) nearest labels lost")
  }

  private func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}
