import Autograd
import BundleFormat
import Compression
import Inference
import ModelGraph
import Models

/// Calibrates, quantises and compares, and shows how far it is.
struct Importer {
  let model: HuggingFaceModel
  let calibration: CalibrationExamples
  private let interpreter: FloatInterpreter

  init(model: HuggingFaceModel, calibration: CalibrationExamples) throws {
    self.model = model
    self.calibration = calibration
    interpreter = try FloatInterpreter(graph: model.graph, parameters: model.parameters)
  }

  func quantize() throws -> QuantizedModel {
    var seen = Calibration()
    var progress = Progress("calibrating", of: calibration.examples.count + 1)
    defer { progress.end() }
    for example in calibration.examples {
      try seen.observe(example, with: interpreter)
      progress.advance()
    }
    return try Quantizer(graph: model.graph, parameters: model.parameters, calibration: seen).quantize()
  }

  /// A dictionary for what crosses the split points of the written bundle, on some of the examples; none where it would save little.
  func featureDictionary(bundle path: String) throws -> [UInt8] {
    let session = try Session(model: Model(bundle: Bundle(path: path)))
    let examples = calibration.examples.prefix(Self.examplesOfDictionary)
    var samples: [[UInt8]] = []
    var progress = Progress("training a dictionary", of: examples.count)
    defer { progress.end() }
    for example in examples {
      try session.load(example)
      for split in session.model.graph.splitPoints.indices {
        var features = [UInt8](repeating: 0, count: session.featureByteCount(split: split))
        var span = features.mutableSpan
        try session.run(until: split, features: &span)
        if !features.isEmpty { samples.append(features) }
      }
      progress.advance()
    }
    return FeatureDictionaryTraining.train(samples)
  }

  private static let examplesOfDictionary = 64

  /// Runs the examples through the written bundle, as a device would.
  func compare(bundle path: String, on examples: CalibrationExamples) throws -> QuantizationReport {
    let session = try Session(model: Model(bundle: Bundle(path: path)))
    var comparison = QuantizationComparison(interpreter)
    var progress = Progress("comparing", of: examples.examples.count)
    defer { progress.end() }
    for example in examples.examples {
      try comparison.begin(example)
      try session.load(example)
      try session.trace { comparison.observe(node: $0, values: $1) }
      progress.advance()
    }
    return comparison.report
  }
}
