package import BundleFormat
import JSONFormat
package import ModelGraph

/// One encoder of a multimodal model as a directory that `transformers` loads, and that is imported again: `config.json`,
/// `model.safetensors` and the tokenizer's or the preprocessor's files. Its last hidden state are the encoder's rows behind their last
/// norm, before a bottleneck. Texts are a BertModel, pictures a SiglipVisionModel without its head – the one without a class token – or a
/// MobileNetV2Model, sounds a Wav2Vec2Model.
package struct TowerDirectory: Sendable {
  private let encoder: MultimodalConfiguration.Encoder
  private let configuration: Json
  private let preprocessor: Json?
  private let tokenizer: TokenizerDescription?
  private let parameters: [String: [Float]]

  /// The encoder of that modality, or the only one. `parameters` are those of the whole model, by name.
  package init(_ directory: MultimodalDirectory, parameters: [String: [Float]], part: Modality? = nil) throws(TowerError) {
    let towers = directory.description.configuration.towers.map(\.encoder)
    guard part != nil || towers.count == 1 else { throw .severalParts(towers.map(\.modality)) }
    guard let encoder = towers.first(where: { $0.modality == part ?? $0.modality }) else {
      throw .noPart(part ?? .text, known: towers.map(\.modality))
    }
    self.encoder = encoder
    self.parameters = parameters
    configuration = try encoder.configurationOfTransformers()
    preprocessor = encoder.preprocessorOfTransformers(image: directory.description.image, sound: directory.description.sound)
    tokenizer = encoder.modality == .text ? directory.tokenizer : nil
  }

  /// The class of `transformers` that loads it.
  package var architecture: String {
    guard case .array(let names)? = configuration["architectures"], case .string(let name)? = names.first else { return "" }
    return name
  }

  /// Writes all files; each appears whole. The directory is made where it is missing.
  package func write(to path: String) throws(TowerError) {
    let tensors: [StoredTensor]
    do throws(GraphError) { tensors = try encoder.tensors(from: parameters) } catch { throw .model(.badGraph(error)) }
    do throws(BundleError) {
      try ModelFile.makeDirectory(path)
      if case .bert(_, let longest) = encoder { try tokenizer?.write(to: path, longest: longest) }
      if let preprocessor { try ModelFile.write(preprocessor, to: path + "/preprocessor_config.json") }
      try SafetensorsWriter.write(tensors, metadata: ["format": "pt"], to: path + "/model.safetensors")
      try ModelFile.write(configuration, to: path + "/config.json")
    } catch {
      throw .file(error)
    }
  }
}

/// Why an encoder could not be written as a model of its own.
package enum TowerError: Error, Equatable {
  case noPart(Modality, known: [Modality])
  /// The model has several, and none was named.
  case severalParts([Modality])
  /// `transformers` cannot compute what the encoder computes.
  case noArchitecture(Modality, reason: String)
  case model(ImportError)
  case file(BundleError)
}

extension TowerError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noPart(let part, let known): "the model has no encoder of \(part.rawValue), only of \(Self.list(known))"
    case .severalParts(let known): "the model has encoders of \(Self.list(known)): name one with --part"
    case .noArchitecture(let part, let reason): "transformers has no such encoder of \(part.rawValue): \(reason)"
    case .model(let error): "\(error)"
    case .file(let error): "\(error)"
    }
  }

  private static func list(_ modalities: [Modality]) -> String { modalities.map(\.rawValue).joined(separator: ", ") }
}

extension MultimodalConfiguration.Encoder {
  /// The tensors of a checkpoint of the encoder alone, under the names of `transformers`.
  fileprivate func tensors(from parameters: [String: [Float]]) throws(GraphError) -> [StoredTensor] {
    let (own, _) = try graph { $0.last(self, $0.layers(self, $0.first(self))) }
    let (other, sources) = try graph { $0.namedAsInTransformers(self) }
    let signals = Set(other.nodes.filter { other[$0.inputs[0]].shape.rank == 3 }.flatMap { $0.parameters })
    return zip(own.parameters, other.parameters).flatMap { id, target in
      (sources[target] ?? .tensor(other[target].name)).tensors(
        parameters["\(modality.rawValue).\(own[id].name)"] ?? [], sizes: other[target].shape.sizes, isSignal: signals.contains(target))
    }
  }

  private func graph(
    _ build: (inout EncoderBuilder) -> TensorID
  ) throws(GraphError) -> (graph: Graph, sources: [TensorID: ParameterSource]) {
    var builder = EncoderBuilder()
    let rows = build(&builder)
    let mean = builder.pool("mean", .mean, rows)
    builder.endSegment("mean")
    return (try builder.graph.build(outputs: [mean], limits: Limits(batch: 1, sequence: 2)), builder.sources)
  }
}

extension EncoderBuilder {
  /// The encoder with parameters in the same order as its own.
  fileprivate mutating func namedAsInTransformers(_ encoder: MultimodalConfiguration.Encoder) -> TensorID {
    guard case .vision(let vision) = encoder else { return last(encoder, layers(encoder, first(encoder))) }
    let rows = visionLayers("", vision, .siglip, visionPatches("", vision, .siglip))
    return layerNorm("rows.norm", VisionNames.siglip.norm, rows, epsilon: vision.epsilon)
  }
}
