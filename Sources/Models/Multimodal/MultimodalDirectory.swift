package import BundleFormat
import JSONFormat
package import ModelGraph

/// A multimodal model as a directory that `HuggingFaceModel` reads: `config.json` with `model_type` "tributary-multimodal" and the fields
/// of `MultimodalDescription`, `model.safetensors` with the graph's parameters in its own layouts, and where it reads texts `vocab.txt`,
/// `tokenizer_config.json` and `sentence_bert_config.json`.
package struct MultimodalDirectory: Sendable {
  package let description: MultimodalDescription
  package let tokenizer: TokenizerDescription?
  /// What the logits stand for.
  package let labels: [String]

  package static let modelType = "tributary-multimodal"

  package init(description: MultimodalDescription, tokenizer: TokenizerDescription?, labels: [String]) {
    self.description = description
    self.tokenizer = tokenizer
    self.labels = labels
  }

  /// Reads what a directory tells beside the parameters.
  init(_ directory: ModelDirectory) throws(ImportError) {
    let root = directory.configuration
    let longest = try root["text"].isAbsent ? nil : root["text"]["longest"].integer(MultimodalDescription.textLengths)
    tokenizer = try longest.map { longest throws(ImportError) in try TokenizerDescription(directory: directory.path, longest: longest) }
    var labels: [String] = []
    for label in try root["labels"].isAbsent ? [] : root["labels"].elements() { labels.append(try root["labels"].with(label).string()) }
    self.labels = labels
    description = try MultimodalDescription(root, vocabulary: tokenizer?.tokens.count, labels: labels.count)
  }

  /// Reads a model that was written: the same, and its parameters by name.
  package static func read(_ path: String) throws(ImportError) -> (directory: MultimodalDirectory, parameters: [String: [Float]]) {
    let directory = try ModelDirectory(path)
    try directory.configuration["model_type"].expect(.string(modelType))
    let own = try MultimodalDirectory(directory)
    let model = try HuggingFaceModel(own, checkpoint: directory.checkpoint())
    return (own, Dictionary(uniqueKeysWithValues: model.parameters.map { (model.graph[$0].name, $1) }))
  }

  /// Writes all files; each appears whole. The directory is made where it is missing. `parameters` has values for each name of the
  /// graph's.
  package func write(to path: String, parameters: [String: [Float]]) throws(MultimodalWriteError) {
    let graph: Graph
    do throws(ImportError) { graph = try description.configuration.graph(heads: []).graph } catch { throw .model(error) }
    let root = description.fields.replacing("model_type", with: .string(Self.modelType))
      .replacing("labels", with: .array(labels.map { .string($0) }))
    do throws(BundleError) {
      try ModelFile.makeDirectory(path)
      try tokenizer?.write(to: path, longest: description.configuration.longest)
      let tensors = graph.parameters.map { id in
        StoredTensor(name: graph[id].name, shape: graph[id].shape.sizes, values: parameters[graph[id].name] ?? [])
      }
      try SafetensorsWriter.write(tensors, to: path + "/model.safetensors")
      try ModelFile.write(root.value ?? .null, to: path + "/config.json")
    } catch {
      throw .file(error)
    }
  }
}

/// Why a model could not be written.
package enum MultimodalWriteError: Error, Equatable, CustomStringConvertible {
  case model(ImportError)
  case file(BundleError)

  package var description: String {
    switch self {
    case .model(let error): "\(error)"
    case .file(let error): "\(error)"
    }
  }
}

extension MultimodalConfiguration {
  /// The graph with those heads; its outputs are those of a device, then the heads'. With `givesTextRows` it takes the text encoder's rows.
  package func graph(
    heads: Set<PretrainingHead>, givesTextRows: Bool = false
  ) throws(ImportError) -> (graph: Graph, tensors: MultimodalTensors) {
    var builder = GraphBuilder()
    let tensors = multimodalModel(into: &builder, self, heads: heads, givesTextRows: givesTextRows)
    do throws(GraphError) {
      let graph = try builder.build(outputs: tensors.outputs(self) + tensors.heads.all, limits: Limits(batch: 1, sequence: longest))
      return (graph, tensors)
    } catch {
      throw .badGraph(error)
    }
  }
}

extension HuggingFaceModel {
  /// A model that was trained here.
  static func multimodal(_ directory: ModelDirectory) throws(ImportError) -> HuggingFaceModel {
    try HuggingFaceModel(MultimodalDirectory(directory), checkpoint: directory.checkpoint())
  }

  fileprivate init(_ own: MultimodalDirectory, checkpoint: Checkpoint) throws(ImportError) {
    let (description, configuration) = (own.description, own.description.configuration)
    var builder = GraphBuilder()
    let tensors = multimodalModel(into: &builder, configuration)
    var model = try HuggingFaceModel(
      EncoderBuilder(builder), outputs: tensors.outputs(configuration), checkpoint: checkpoint, sequence: configuration.longest)
    if let tokenizer = own.tokenizer { model = model.with(tokenizer: tokenizer) }
    if !configuration.rates.isEmpty {
      let graph = model.graph
      model.ratePoints = RatePoints(
        tensors: tensors.narrow(configuration).map { graph[$0.tensor].name }, shares: configuration.rates.map { Float($0) })
    }
    if let sound = description.sound { model = model.with(sound: sound) }
    self = model.with(image: description.image, labels: own.labels)
  }
}
