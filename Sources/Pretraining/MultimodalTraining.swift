import Autograd
import BundleFormat
import Models
import ModelGraph
import Training

/// A multimodal model in the form in which it is trained.
struct MultimodalTraining {
  let description: MultimodalDescription
  /// The part of the description's that is trained.
  let configuration: MultimodalConfiguration
  let graph: Graph
  let tensors: MultimodalTensors
  let program: Program
  /// Whether it takes the rows of a text encoder.
  let givesTextRows: Bool
  /// What a stage learns of a teacher's layers.
  let teacher: TeacherLayers?
  private let normalization: BatchNormalization
  private let tokenizer: TokenizerDescription?

  var vocabulary: Int { tokenizer?.tokens.count ?? 0 }

  /// What covers a token, where the vocabulary has it.
  var maskToken: Int32? { tokenizer?.tokens.firstIndex(of: Array("[MASK]".utf8)).map { Int32($0) } }

  /// What stands for words that the vocabulary lacks.
  var unknownToken: Int32 { tokenizer?.options.unknown ?? 0 }

  /// With those heads; parameters whose names begin as in `frozen` are not trained, `scalars` are parameters of one element beside the
  /// graph's. Batch norms stand behind convolutions, unless they stay folded in. With `givesTextRows` it has no text encoder, and takes the
  /// rows of one. With `isQuantized` it computes as nearly as float can what it will compute as a bundle.
  init(
    _ description: MultimodalDescription, part configuration: MultimodalConfiguration? = nil, tokenizer: TokenizerDescription?,
    heads: Set<PretrainingHead> = [], frozen: [String] = [], scalars: [String] = [], givesTextRows: Bool = false,
    isFolded: Bool = false, isQuantized: Bool = false, teacher: TeacherLayers? = nil
  ) throws(PretrainingError) {
    let configuration = configuration ?? description.configuration
    self.description = description
    self.configuration = configuration
    self.tokenizer = tokenizer
    self.givesTextRows = givesTextRows
    self.teacher = teacher
    let graph: Graph
    do throws(ImportError) { (graph, tensors) = try configuration.graph(heads: heads, givesTextRows: givesTextRows) } catch {
      throw .model(error)
    }
    self.graph = graph
    normalization = isFolded ? BatchNormalization() : Self.normalization(configuration, graph)
    let still = Set(graph.parameters.map { graph[$0].name }.filter { name in frozen.contains { name.hasPrefix($0) } })
    do throws(InterpreterError) {
      program = try Program(graph, normalization: normalization, frozen: still, beside: scalars, isQuantized: isQuantized)
    } catch {
      throw .graph(error)
    }
  }

  /// What a stage trains of a model, taught by those layers.
  init(
    _ stage: Stage, _ description: MultimodalDescription, _ tokenizer: TokenizerDescription?, _ teacher: TeacherLayers?
  ) throws(PretrainingError) {
    let part = stage.part(of: description.configuration)
    let whole: Graph
    do throws(ImportError) { whole = try part.graph(heads: []).graph } catch { throw .model(error) }
    try self.init(
      description, part: part, tokenizer: tokenizer, heads: stage.heads(teacher), frozen: stage.frozen,
      scalars: StageTasks.scalars(stage).map(\.name), givesTextRows: stage.leavesTextEncoder(whole.parameters.map { whole[$0].name }),
      isQuantized: stage.quantization == .aware, teacher: teacher)
  }

  /// Tensors beside the graph's outputs that the losses of a stage read.
  func watched(by stage: Stage) -> [TensorID] {
    let related = Modality.allCases.flatMap { stage.tasks[.teacherRelations($0)] == nil ? [] : relations($0).map(\.tensor) }
    return Array(tensors.embeddings.values) + (stage.tasks[.rate] == nil ? [] : Array(tensors.crossing.values)) + related
  }

  /// Queries, keys and values of the last layer, and those of the teacher's.
  func relations(_ modality: Modality) -> [(tensor: TensorID, target: LayerOutput, width: Int)] {
    guard let teacher, let own = EncoderLayers(of: modality, in: graph) else { return [] }
    return teacher.relations(modality).compactMap { target, width in
      own[target.kind, own.count].map { ($0, target, width) }
    }
  }

  /// The convolutions of a MobileNet have batch norms.
  private static func normalization(_ configuration: MultimodalConfiguration, _ graph: Graph) -> BatchNormalization {
    for case .mobileNet in configuration.towers.map(\.encoder) {
      let all = BatchNormalization.everywhere(in: graph)
      return BatchNormalization(nodes: all.nodes.filter { $0.hasPrefix(Modality.image.rawValue + ".") }, norm: all.norm)
    }
    return BatchNormalization()
  }

  /// Parameters as a device has them, by name.
  private func deviceParameters(_ parameters: ParameterMemory) -> [String: [Float]] {
    let values = normalization.fold(parameters, of: graph)
    return Dictionary(uniqueKeysWithValues: values.map { (graph[$0].name, $1) })
  }

  /// Writes a directory that `tributary-train import` takes.
  func write(_ parameters: ParameterMemory, labels: [String], to path: String) throws(PretrainingError) {
    let directory = MultimodalDirectory(description: description, tokenizer: tokenizer, labels: labels)
    do throws(MultimodalWriteError) {
      try directory.write(to: path, parameters: deviceParameters(parameters))
    } catch {
      throw .unwritable(error)
    }
  }
}

extension ParameterMemory {
  /// Values by name, of a training with other heads or other frozen parts.
  var named: [String: [Float]] {
    Dictionary(uniqueKeysWithValues: layout.entries.enumerated().map { ($0.element.name, Array(self[$0.offset])) })
  }

  /// Takes those values that have the name and size of a parameter. Returns the names taken.
  @discardableResult
  func take(_ values: [String: [Float]]) -> Set<String> {
    var taken: Set<String> = []
    for (place, entry) in layout.entries.enumerated() {
      guard let own = values[entry.name], own.count == entry.range.count else { continue }
      _ = self[place].update(from: own)
      taken.insert(entry.name)
    }
    return taken
  }
}
