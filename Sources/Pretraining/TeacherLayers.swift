import BundleFormat
import ModelGraph
import Models

/// Which layers of a teacher's transformers those of a student learn from.
struct TeacherLayers: Sendable {
  private let teacher: Graph
  private let student: Graph
  /// Of the modalities for which each has a transformer.
  private let own: [Modality: EncoderLayers]
  private let others: [Modality: EncoderLayers]
  private let hasSameTokens: Bool

  init(of teacher: HuggingFaceModel, for student: Graph, _ tokenizer: TokenizerDescription?) {
    self.teacher = teacher.graph
    self.student = student
    own = Self.layers(student)
    others = Self.layers(teacher.graph)
    hasSameTokens = teacher.tokenizer?.tokens == tokenizer?.tokens
  }

  /// The heads of a task: of hidden states one for each of the student's layers and what goes into the first, spread evenly over the
  /// teacher's; of predicted layers three over the student's last for the teacher's thirds.
  func heads(of task: PretrainingTask) -> [LayerHead] {
    switch task {
    case .teacherHidden(let modality): hidden(modality)
    case .teacherPrediction(let modality): predicted(modality)
    default: []
    }
  }

  private func hidden(_ modality: Modality) -> [LayerHead] {
    guard let (own, other) = layers(modality) else { return [] }
    return (0...own.count).compactMap { head(modality, over: $0, other, (2 * $0 * other.count + own.count) / (2 * own.count)) }
  }

  private func predicted(_ modality: Modality) -> [LayerHead] {
    guard let (own, other) = layers(modality) else { return [] }
    let parts = min(Self.predictions, other.count)
    return (1...parts).compactMap { head(modality, over: own.count, other, $0 * other.count / parts) }
  }

  private static let predictions = 3

  private func head(_ modality: Modality, over layer: Int, _ other: EncoderLayers, _ target: Int) -> LayerHead? {
    other[.rows, target].map {
      LayerHead(layer: layer, target: LayerOutput(modality, .rows, layer: target), width: teacher[$0].shape.width ?? 1)
    }
  }

  /// The queries, keys and values of the teacher's last layer, with their widths.
  func relations(_ modality: Modality) -> [(output: LayerOutput, width: Int)] {
    guard let other = others[modality] else { return [] }
    return [LayerOutput.Kind.query, .key, .value].compactMap { kind in
      other[kind, other.count].map { (LayerOutput(modality, kind, layer: other.count), teacher[$0].shape.width ?? 1) }
    }
  }

  /// What the tasks of stages read of the teacher's layers, each once.
  func outputs(of stages: [Stage]) -> [LayerOutput] {
    let all = PretrainingTask.all.filter { task in stages.contains { $0.tasks[task] != nil } }.flatMap { task in
      if case .teacherRelations(let modality) = task { relations(modality).map(\.output) } else { heads(of: task).map(\.target) }
    }
    var seen: Set<LayerOutput> = []
    return all.filter { seen.insert($0).inserted }
  }

  /// Why a task cannot learn from them; nil where it can, or reads no layers.
  func obstacle(_ task: PretrainingTask, relationHeads: Int?) -> String? {
    guard let modality = task.layers else { return nil }
    let name = modality.rawValue
    guard let own = own[modality] else { return "no transformer of \(name)" }
    guard let other = others[modality] else { return "no transformer of \(name) in the teacher" }
    guard let rows = own[.rows, 0], let others = other[.rows, 0], student[rows].shape.positions == teacher[others].shape.positions else {
      return "a teacher that makes other rows of \(name)"
    }
    if modality == .text, !hasSameTokens { return "a teacher with other tokens: give model.text.from or tokenizer" }
    guard case .teacherRelations = task else { return nil }
    let heads = heads(ofRelations: modality, relationHeads)
    let widths = [(own, student), (other, teacher)].compactMap { layers, graph in
      layers[.query, layers.count].flatMap { graph[$0].shape.width }
    }
    return widths.allSatisfy { $0.isMultiple(of: heads) } ? nil : "relation_heads that divide \(widths[0]) and \(widths[1])"
  }

  /// How many heads relations have: those of the student's attention where nothing else is given.
  func heads(ofRelations modality: Modality, _ given: Int?) -> Int {
    if let given { return given }
    guard let own = own[modality], let query = own[.query, own.count] else { return 1 }
    for node in student.nodes where node.inputs.first == query {
      if case .attention(let heads, _) = node.operation { return heads }
    }
    return 1
  }

  private func layers(_ modality: Modality) -> (own: EncoderLayers, other: EncoderLayers)? {
    guard let own = own[modality], let other = others[modality] else { return nil }
    return (own, other)
  }

  private static func layers(_ graph: Graph) -> [Modality: EncoderLayers] {
    Modality.allCases.reduce(into: [:]) { $0[$1] = EncoderLayers(of: $1, in: graph) }
  }
}
