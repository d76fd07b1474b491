package import BundleFormat
package import ModelGraph

/// A pretrained model from a directory as Hugging Face or timm publish them: `config.json`, which decides what it is, `model.safetensors`,
/// and the files that tell how text, pictures and sound are prepared.
package struct HuggingFaceModel: Sendable {
  /// In float, one item a request. Outputs are `embedding`, of length 1, or `logits`; of both towers of CLIP `image-embedding` and
  /// `text-embedding`.
  package let graph: Graph
  /// Row-major values of every parameter of the graph.
  package let parameters: [TensorID: [Float]]
  /// How text becomes tokens; the longest text is the limit of the graph's sequence.
  package private(set) var tokenizer: TokenizerDescription?
  package private(set) var bytePair: BytePairDescription?
  package private(set) var image: ImageInput?
  package private(set) var sound: SoundInput?
  /// How much of what crosses to the fusion may stay behind.
  package internal(set) var ratePoints: RatePoints?
  /// What the numbers of the logits stand for; empty where the files do not tell.
  package private(set) var labels: [String] = []

  /// Reads and checks the directory. `maximumTokens` overrides the longest text, within the model's positions; `samples` the length of a
  /// window of sound, which else is a second.
  package init(directory path: String, maximumTokens: Int? = nil, samples: Int? = nil) throws(ImportError) {
    let directory = try ModelDirectory(path)
    let configuration = directory.configuration
    guard configuration["architecture"].isAbsent else {
      self = try .timm(directory)
      return
    }
    guard !configuration["model_type"].isAbsent else { throw .missingField(file: configuration.file, field: "model_type") }
    switch try configuration["model_type"].string() {
    case "bert": self = try .bert(directory, maximumTokens: maximumTokens)
    case "vit", "deit": self = try .vision(directory)
    case "siglip_vision_model": self = try .siglip(directory)
    case "clip", "clip_vision_model", "clip_text_model": self = try .clip(directory, maximumTokens: maximumTokens)
    case "wav2vec2": self = try .wav2vec2(directory, samples: samples)
    case "mobilenet_v2": self = try .mobileNet(directory)
    case "resnet": self = try .resNet(directory)
    case "tributary-fusion": self = try .fusion(directory)
    case MultimodalDirectory.modelType: self = try .multimodal(directory)
    default:
      throw configuration["model_type"].wrong(
        "one of bert, vit, deit, siglip_vision_model, clip, wav2vec2, mobilenet_v2, resnet, tributary-fusion and tributary-multimodal")
    }
  }

  private static func timm(_ directory: ModelDirectory) throws(ImportError) -> HuggingFaceModel {
    let field = directory.configuration["architecture"]
    let name = try field.string()
    if name.hasPrefix("vit_") || name.hasPrefix("deit_") { return try .timmVision(directory) }
    if name.hasPrefix("mobilenetv2_") { return try .timmMobileNet(directory) }
    if ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"].contains(name) { return try .timmResNet(directory) }
    throw field.wrong("vit_*, deit_*, mobilenetv2_*, resnet18, 34, 50, 101 or 152")
  }

  /// A model whose graph is built: takes its parameters from the checkpoint.
  init(
    _ encoder: EncoderBuilder, outputs: [TensorID], checkpoint: Checkpoint, sequence: Int = 1, isUnused: (String) -> Bool = { _ in false }
  ) throws(ImportError) {
    var checkpoint = checkpoint
    do throws(GraphError) {
      graph = try encoder.graph.build(outputs: outputs, limits: Limits(batch: 1, sequence: sequence))
    } catch {
      throw .badGraph(error)
    }
    parameters = try checkpoint.parameters(of: graph, from: encoder.sources) { isUnused($0) || $0.hasSuffix(".num_batches_tracked") }
  }

  func with(tokenizer: TokenizerDescription) -> HuggingFaceModel {
    var model = self
    model.tokenizer = tokenizer
    return model
  }

  func with(bytePair: BytePairDescription?) -> HuggingFaceModel {
    var model = self
    model.bytePair = bytePair
    return model
  }

  func with(image: ImageInput?, labels: [String] = []) -> HuggingFaceModel {
    var model = self
    (model.image, model.labels) = (image, labels)
    return model
  }

  func with(sound: SoundInput, labels: [String] = []) -> HuggingFaceModel {
    var model = self
    (model.sound, model.labels) = (sound, labels)
    return model
  }
}
