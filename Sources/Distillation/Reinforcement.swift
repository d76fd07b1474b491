package import Autograd
package import BundleFormat
package import Dataset
import Glibc
import JSONFormat
import ModelEvaluation
import ModelGraph
package import Models
import Randomness
package import Training

/// Makes a reinforced set: the samples of a split with what a teacher says of each, changed in several ways. Shards appear when they are
/// whole; what was stopped goes on with those that are missing.
package struct Reinforcement {
  private let set: DatasetDirectory
  private let split: String
  private let directory: String
  private let teacher: TeacherDescription
  private let answers: FloatAnswers
  private let preparation: SamplePreparation
  private let inputs: ExampleInputs
  private let faults: FaultLimit
  /// Of the teacher's outputs, as students know them.
  private let names: [String: String]

  /// Samples whose variants run together.
  private static let batch = 8

  /// The teacher's outputs that are kept: of the main path those that do not depend on how many tokens there are.
  private static func outputs(_ graph: Graph, _ layers: [LayerOutput]) -> [TeacherDescription.Output] {
    let whole = graph.outputs(of: .main).filter { graph[$0].shape.rank == 2 }.map { id in
      TeacherDescription.Output(name: name(of: id, graph), width: graph[id].shape.width ?? 1)
    }
    let inner = layers.compactMap { layer in
      graph[layer].map { TeacherDescription.Output(name: layer.name, width: graph[$0].shape.width ?? 1, hasRows: true) }
    }
    return whole + inner
  }

  /// An output as students know it: the embedding of a model of one modality is that modality's.
  private static func name(of output: TensorID, _ graph: Graph) -> String {
    let name = graph[output].name
    guard name == "embedding", let modality = Modality.allCases.first(where: { graph.input(of: $0) != nil }) else { return name }
    return "\(modality.rawValue)-embedding"
  }

  /// `variants` are made of each sample, changed as far as `ranges` say, or one as it is. What `layers` make is kept beside the outputs.
  package init(
    of model: HuggingFaceModel, called name: String, layers: [LayerOutput] = [], set: DatasetDirectory, split: String, directory: String,
    variants: Int, seed: UInt64,
    ranges: AugmentationRanges?, faults: FaultLimit, workers: Workers
  ) throws(ReinforcementError) {
    self.set = set
    self.split = split
    self.directory = directory
    self.faults = faults
    inputs = ExampleInputs(model.graph)
    names = Dictionary(uniqueKeysWithValues: model.graph.outputs.map { (model.graph[$0].name, Self.name(of: $0, model.graph)) })
    teacher = TeacherDescription(
      teacher: name, seed: seed, variants: ranges == nil ? 1 : variants, outputs: Self.outputs(model.graph, layers))
    do throws(InterpreterError) { answers = try FloatAnswers(model, layers: layers, workers: workers) } catch { throw .teacher(error) }
    do throws(PreparationError) {
      preparation = try SamplePreparation(
        image: model.image, sound: model.sound, tokenizer: model.tokenizer, rate: set.description.rate, ranges: ranges)
    } catch {
      throw .preparation(error)
    }
  }

  /// Makes the shards that are missing; `tell` hears how many of how many are there. Returns their paths, in order.
  package func run(tell: (_ done: Int, _ all: Int) -> Void) throws(ReinforcementError) -> (shards: [String], teacher: TeacherDescription) {
    try claimDirectory()
    let sources: [String]
    do throws(DatasetError) { sources = try set.shards(of: split) } catch { throw .dataset(error) }
    var shards: [String] = []
    for (index, source) in sources.enumerated() {
      let target = directory + "/" + DatasetDirectory.shardName(split, index)
      if access(target, R_OK) != 0 { try reinforce(source, to: target) }
      shards.append(target)
      tell(shards.count, sources.count)
    }
    return (shards, teacher)
  }

  /// Makes the directory, and writes into it which teacher it belongs to.
  private func claimDirectory() throws(ReinforcementError) {
    guard mkdir(directory, 0o755) == 0 || errno == EEXIST else {
      throw .unwritable(.file(operation: "make the directory", path: directory, number: errno))
    }
    let (file, text) = (directory + "/" + TeacherDescription.file, teacher.json.text)
    guard ModelFile.exists(file) else { return try write(Array(text.utf8), to: file) }
    let found: String?
    do throws(ImportError) { found = try ModelFile.json(file).value?.text } catch { throw .unreadable(error) }
    guard found == text else { throw .otherTeacher(directory: directory) }
  }

  private func reinforce(_ source: String, to target: String) throws(ReinforcementError) {
    let loader = try loader(source)
    var writer = TarWriter()
    while let batch = try next(loader) {
      let examples = batch.flatMap { $0.variants.map { inputs.example($0) } }
      let outputs: [[String: [Float]]]
      do throws(InterpreterError) { outputs = try answers(examples).map(named) } catch { throw .teacher(error) }
      for (place, sample) in batch.map(\.sample).enumerated() {
        let own = outputs[place * teacher.variants..<(place + 1) * teacher.variants]
        let members = sample.members.merging([TeacherDescription.member: teacher.bytes(of: Array(own))]) { $1 }
        for (member, bytes) in members.sorted(by: { $0.key < $1.key }) { writer.append("\(sample.key).\(member)", bytes) }
      }
    }
    try write(writer.finish(), to: target)
  }

  private func named(_ outputs: [String: [Float]]) -> [String: [Float]] {
    Dictionary(uniqueKeysWithValues: outputs.map { (names[$0.key] ?? $0.key, $0.value) })
  }

  /// A sample, and what the teacher gets of it.
  private typealias Item = (sample: Sample, variants: [PreparedSample])

  private func loader(_ shard: String) throws(ReinforcementError) -> Loader<Item> {
    let (preparation, teacher) = (preparation, teacher)
    let modalities: Set<Modality> = set.description.concepts.isEmpty ? [.text] : Set(Modality.allCases)
    do throws(DatasetError) {
      let stream = try SampleStream(shards: [shard], order: .stored, batch: Self.batch, seed: teacher.seed)
      return try Loader(stream, limit: faults) { sample, _ throws(SampleFault) in
        var variants: [PreparedSample] = []
        for variant in 0..<teacher.variants {
          var random = teacher.random(variant: variant, key: sample.key)
          variants.append(try preparation.prepare(sample, modalities, &random))
        }
        return (sample: sample, variants: variants)
      }
    } catch {
      throw .dataset(error)
    }
  }

  private func next(_ loader: Loader<Item>) throws(ReinforcementError) -> [Item]? {
    do throws(DatasetError) { return try loader.next() } catch { throw .dataset(error) }
  }

  private func write(_ bytes: [UInt8], to path: String) throws(ReinforcementError) {
    do throws(BundleError) { try NewFile.write(bytes, to: path) } catch { throw .unwritable(error) }
  }
}

/// Why a reinforced set cannot be made.
package enum ReinforcementError: Error {
  case dataset(DatasetError)
  case teacher(InterpreterError)
  case preparation(PreparationError)
  case unreadable(ImportError)
  case unwritable(BundleError)
  /// The directory holds what another teacher said, or the same of other changes.
  case otherTeacher(directory: String)
}

extension ReinforcementError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .dataset(let error): "\(error)"
    case .teacher(let error): "\(error)"
    case .preparation(let error): "\(error)"
    case .unreadable(let error): "\(error)"
    case .unwritable(let error): "\(error)"
    case .otherTeacher(let directory): "\(directory) holds what another teacher said: give another --out, or remove it"
    }
  }
}
