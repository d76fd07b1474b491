package import Autograd
import JSONFormat
package import ModelGraph
import Models

/// A part of a pretraining with its own tasks.
package struct Stage: Hashable, Sendable {
  /// How pairs are told from others.
  package enum Contrast: String, Hashable, Sendable, CaseIterable {
    /// Symmetric InfoNCE. (Radford et al. 2021)
    case softmax
    /// SigLIP. (Zhai et al. 2023)
    case sigmoid
  }

  /// When a model is quantised.
  package enum Quantization: String, Hashable, Sendable, CaseIterable {
    case afterwards
    case aware
  }

  package let name: String
  package let steps: Int
  /// Samples of a step, and of a pass forward and back: the gradient is the mean over those of a step.
  package let batch: Int
  package let passSize: Int
  package let schedule: RateSchedule
  package let optimizer: Optimizer.Settings
  package let longestGradient: Float
  /// Of the moving average of the parameters, which is what the stage leaves; nil where it leaves the parameters themselves.
  package let averageDecay: Float?
  /// Parameters whose names begin so are not trained.
  package let frozen: [String]
  /// What the rate is multiplied by for parameters whose names begin so.
  package let rateFactors: [Optimizer.Group]
  /// Those that it learns from, of those that its tasks can read; nil for all.
  package let chosen: Set<Modality>?
  /// How likely each modality of an example is left out; one is always left.
  package let dropout: Float
  /// How likely one of an example's modalities is damaged, where it has several.
  package let damage: Float
  /// How strongly a modality is held back that learns faster than the others (OGM-GE); nil for not at all.
  package let balance: Double?
  package let contrast: Contrast
  /// Whether it learns with weights and activations rounded as a bundle has them.
  package let quantization: Quantization
  /// Tasks with their weights, none of 0.
  package let tasks: [PretrainingTask: Float]
  package let masking: Masking
  /// How many heads the relations of a teacher's rows have; nil for as many as the student's attention.
  package let relationHeads: Int?

  /// The shares of what is covered.
  package struct Masking: Hashable, Sendable {
    package var text: Float = 0.15
    package var image: Float = 0.6
    package var sound: Float = 0.4
  }
}

extension Stage {
  /// Modalities that its tasks read, of those that a model has.
  func modalities(_ configuration: Set<Modality>) -> Set<Modality> {
    tasks.keys.reduce(into: Set()) { $0.formUnion($1.modalities) }.intersection(configuration).intersection(chosen ?? configuration)
  }

  /// The part of a model that its tasks need: no other is computed.
  func part(of configuration: MultimodalConfiguration) -> MultimodalConfiguration {
    configuration.limited(
      to: modalities(Set(configuration.towers.map(\.encoder.modality))), hasFusion: tasks.keys.contains { $0.needsFusion },
      hasLocal: tasks.keys.contains { $0.needsLocalFusion })
  }

  /// What its tasks predict with.
  func heads(_ teacher: TeacherLayers?) -> Set<PretrainingHead> {
    let layers = tasks.keys.flatMap { task in teacher?.heads(of: task) ?? [] }
    return Set(tasks.keys.compactMap(\.head) + layers.map { .layer($0) })
  }

  /// Reads a table `[stages.NAME]`.
  init(_ fields: Field, name: String) throws(ImportError) {
    try fields.expect(members: [
      "steps", "batch", "pass", "rate", "warm_up", "decay", "optimizer", "weight_decay", "second_decay", "longest_gradient", "average",
      "frozen", "rates", "modalities", "dropout", "damage", "balance", "contrast", "quantization", "tasks", "masked_text", "masked_image",
      "masked_sound", "relation_heads",
    ])
    self.name = name
    steps = try fields["steps"].integer(1...1 << 30)
    batch = try fields["batch"].integer(2...1 << 20)
    passSize = try fields["pass"].integer(2...batch, default: batch)
    guard batch % passSize == 0 else { throw fields["pass"].wrong("a divisor of batch \(batch)") }
    schedule = try RateSchedule(fields, steps: steps)
    optimizer = try Optimizer.Settings(fields)
    longestGradient = Float(try fields["longest_gradient"].number(1e-6...1e6, default: 1))
    averageDecay = try fields["average"].isAbsent ? nil : Float(fields["average"].number(0...0.999999))
    frozen = try fields["frozen"].strings()
    var factors: [Optimizer.Group] = []
    for member in try fields["rates"].isAbsent ? [] : fields["rates"].members() {
      factors.append(Optimizer.Group(prefix: member.key, rateFactor: Float(try fields["rates"][member.key].number(0...1000))))
    }
    rateFactors = factors
    chosen = try fields["modalities"].isAbsent ? nil : Set(fields["modalities"].choices())
    dropout = Float(try fields["dropout"].number(0...0.9, default: 0))
    damage = Float(try fields["damage"].number(0...0.9, default: 0))
    balance = try fields["balance"].isAbsent ? nil : fields["balance"].number(0...10)
    contrast = try fields["contrast"].choice(default: .softmax)
    quantization = try fields["quantization"].choice(default: .afterwards)
    var masking = Masking()
    masking.text = Float(try fields["masked_text"].number(0.01...0.99, default: Double(masking.text)))
    masking.image = Float(try fields["masked_image"].number(0.01...0.99, default: Double(masking.image)))
    masking.sound = Float(try fields["masked_sound"].number(0.01...0.99, default: Double(masking.sound)))
    self.masking = masking
    relationHeads = try fields["relation_heads"].isAbsent ? nil : fields["relation_heads"].integer(1...4096)
    tasks = try Self.tasks(fields["tasks"])
  }

  private static func tasks(_ fields: Field) throws(ImportError) -> [PretrainingTask: Float] {
    var tasks: [PretrainingTask: Float] = [:]
    for member in try fields.members() {
      guard let task = PretrainingTask(name: member.key) else {
        throw fields[member.key].wrong("one of \(PretrainingTask.all.map(\.name).joined(separator: ", "))")
      }
      let weight = Float(try fields[member.key].number(0...1e6))
      if weight > 0 { tasks[task] = weight }
    }
    guard !tasks.isEmpty else { throw fields.wrong("at least one task with a weight above 0") }
    return tasks
  }
}

extension RateSchedule {
  init(_ fields: Field, steps: Int) throws(ImportError) {
    let peak = Float(try fields["rate"].number(1e-9...10))
    self.init(
      peak: peak, warmUp: try fields["warm_up"].integer(0...steps, default: steps / 20), total: steps, floor: 0,
      decay: try fields["decay"].choice(default: .cosine))
  }
}

extension Optimizer.Settings {
  init(_ fields: Field) throws(ImportError) {
    self.init(
      algorithm: try fields["optimizer"].choice(default: .adamW),
      secondDecay: Float(try fields["second_decay"].number(0.5...0.99999, default: 0.98)),
      weightDecay: Float(try fields["weight_decay"].number(0...10, default: 0.05)))
  }
}

extension Field {
  func number(_ range: ClosedRange<Double>, default value: Double) throws(ImportError) -> Double { isAbsent ? value : try number(range) }

  /// A list of texts; none where it is absent.
  func strings() throws(ImportError) -> [String] {
    var strings: [String] = []
    for element in try isAbsent ? [] : elements() { strings.append(try with(element).string()) }
    return strings
  }

  /// One of the names of an enumeration's cases.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(default value: Choice) throws(ImportError) -> Choice {
    guard !isAbsent else { return value }
    guard let choice = Choice(rawValue: try string()) else {
      throw wrong("one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return choice
  }

  /// A list of such names.
  func choices<Choice: RawRepresentable<String> & CaseIterable>() throws(ImportError) -> [Choice] {
    var choices: [Choice] = []
    for element in try elements() {
      guard let choice = Choice(rawValue: try with(element).string()) else {
        throw wrong("a list of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      choices.append(choice)
    }
    return choices
  }
}
