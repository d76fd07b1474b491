import Autograd
import Foundation
import Pretraining
import TestSupport
import Testing
import Training

/// Experiments over a tiny set, in a directory that lasts as long as this.
struct TinyExperiment {
  let set: TinySet
  let folder: TemporaryDirectory

  init() throws {
    set = try TinySet()
    folder = try TemporaryDirectory()
  }

  /// `SET` in the text stands for the set's directory.
  func experiment(_ text: String, changes: [(path: String, value: String)] = []) throws -> Experiment {
    let file = try folder.write("experiment.toml", text.replacingOccurrences(of: "SET", with: set.path).utf8)
    return try Experiment(file: file, changes: changes)
  }

  func pretraining(_ text: String, _ name: String) throws -> Pretraining {
    try Pretraining(experiment(text), directory: folder.path + "/" + name, workers: Workers(count: 1))
  }
}

extension TinyExperiment {
  /// The parts of the loss at each step of an experiment that is run to its end.
  func losses(_ text: String, _ name: String, tell: (StageEvent) -> Void = { _ in }) throws -> (path: String, parts: [[String: Double]]) {
    var parts: [[String: Double]] = []
    let path = try pretraining(text, name).run { event in
      if case .step(let report, _) = event { parts.append(report.loss.parts) }
      tell(event)
    }
    return (path, parts)
  }

  /// Checks that tasks lose less than `share` of what they lost: over the last `steps` beside the first.
  static func expectFall(
    _ losses: [[String: Double]], of tasks: [String], steps: Int, to share: Double, at location: SourceLocation = #_sourceLocation
  ) {
    for task in tasks {
      let (before, after) = (losses.prefix(steps).compactMap { $0[task] }, losses.suffix(steps).compactMap { $0[task] })
      #expect(!after.isEmpty && after.reduce(0, +) < share * before.reduce(0, +), "\(task): \(before) → \(after)", sourceLocation: location)
    }
  }
}

// Parts of experiments.
extension TinyExperiment {
  /// Data, run and a model of three modalities with both fusions.
  static let model = """
    [data]
    directory = "SET"
    [run]
    checkpoint_steps = 3
    evaluation_steps = 6
    evaluation_samples = 8
    [model]
    embedding = 16
    [model.image]
    encoder = "vit"
    size = 8
    patch = 4
    hidden = 16
    layers = 1
    heads = 2
    bottleneck = 8
    merged = 2
    [model.sound]
    encoder = "wav2vec2"
    rate = 16000
    samples = 400
    widths = [8, 16]
    kernels = [10, 8]
    strides = [5, 8]
    hidden = 16
    layers = 1
    heads = 2
    position_kernel = 3
    [model.text]
    encoder = "bert"
    tokenizer = "SET"
    longest = 8
    hidden = 16
    layers = 1
    heads = 2
    [model.fusion]
    width = 16
    layers = 1
    heads = 2
    cross_layers = 1
    [model.local]
    width = 8
    layers = 1
    heads = 2

    """

  /// Two stages with every task that needs no teacher.
  static let everything = """
    [stages.pairs]
    steps = 6
    batch = 4
    rate = 2e-3
    contrast = "sigmoid"
    [stages.pairs.tasks]
    image-text = 1
    sound-text = 1
    [stages.all]
    steps = 9
    batch = 4
    pass = 2
    rate = 2e-3
    dropout = 0.2
    damage = 0.2
    balance = 0.3
    quantization = "aware"
    average = 0.5
    frozen = ["text.embeddings."]
    [stages.all.rates]
    "image." = 0.5
    [stages.all.tasks]
    image-text = 0.5
    sound-text = 0.5
    image-sound = 0.5
    classification = 1
    local-classification = 1
    matching = 0.5
    masked-text = 0.5
    masked-image = 0.5
    masked-sound = 0.5
    caption = 0.5
    """
}
