import Autograd
import BundleFormat
import Compression
import Inference
import Models

/// Calibrates, quantises and compares, and shows how far it is.
struct Importer {
  let model: HuggingFaceModel
  let texts: CalibrationTexts
  private let interpreter: FloatInterpreter

  init(model: HuggingFaceModel, texts: CalibrationTexts) throws {
    self.model = model
    self.texts = texts
    interpreter = try FloatInterpreter(graph: model.graph, parameters: model.parameters)
  }

  func quantize() throws -> QuantizedModel {
    var calibration = Calibration()
    var progress = Progress("calibrating", of: texts.tokens.count + 1)
    defer { progress.end() }
    for tokens in texts.tokens {
      try calibration.observe(tokens, with: interpreter)
      progress.advance()
    }
    return try Quantizer(graph: model.graph, parameters: model.parameters, calibration: calibration).quantize()
  }

  /// Runs the texts through the written bundle, as a device would.
  func compare(bundle path: String) throws -> QuantizationReport {
    let session = try Session(model: Model(bundle: Bundle(path: path)))
    var comparison = QuantizationComparison(interpreter)
    var progress = Progress("comparing", of: texts.tokens.count)
    defer { progress.end() }
    for tokens in texts.tokens {
      try comparison.begin(Example(tokens: tokens))
      try session.begin(sequence: tokens.count)
      try session.load(tokens: tokens.span)
      try session.trace { comparison.observe(node: $0, values: $1) }
      progress.advance()
    }
    return comparison.report
  }
}
