import Dataset
import JSONFormat
package import Models

/// A pretraining as a file tells it: data, model, and stages with their tasks.
package struct Experiment: Sendable {
  /// What stands in `[data]`.
  package struct Data: Hashable, Sendable {
    /// The set's directory.
    package let directory: String
    /// The split that is learnt from.
    package let split: String
    /// Whether samples are changed each time they come.
    package let augments: Bool
    /// How much of a picture is seen then: its area, in pictures.
    package let area: ClosedRange<Float>
    /// The share of samples that may be bad.
    package let faults: Double
  }

  /// What stands in `[run]`.
  package struct Run: Hashable, Sendable {
    package let seed: UInt64
    /// Steps from a kept state to the next, and from an evaluation to the next; at an evaluation a state is kept as well.
    package let checkpointSteps: Int
    package let evaluationSteps: Int
    /// The split that evaluations look at, and how much of it.
    package let evaluationSplit: String
    package let evaluationSamples: Int
  }

  /// What stands in `[teacher]`.
  package struct Teacher: Hashable, Sendable {
    /// The directory of a model that `pretrain` wrote.
    package let model: String
    /// How often each sample is changed and shown to it.
    package let variants: Int
  }

  package let file: String
  /// All of the file and its changes.
  let entries: Json
  package let data: Data
  package let run: Run
  /// Nil where nobody teaches.
  package let teacher: Teacher?
  /// `[model]`, whose sizes depend on the set and the tokenizer.
  package let model: Field
  /// In the order of the file.
  package let stages: [Stage]

  /// Reads a file. `changes` are entries that stand in place of the file's, by their paths, as `data.directory`; relative paths in the
  /// file begin at its directory, those of changes at the working directory.
  package init(file: String, changes: [(path: String, value: String)] = []) throws(ImportError) {
    var root = try ModelFile.toml(file)
    root = try root.absolute([
      "data.directory", "teacher.model", "model.from", "model.text.tokenizer", "model.text.from", "model.image.from", "model.sound.from",
    ])
    for change in changes { root = try root.changed(change.path, to: change.value) }
    try root.expect(members: ["data", "run", "teacher", "model", "stages"])
    self.file = file
    entries = root.value ?? .null
    try root["data"].expect(members: ["directory", "split", "augmentation", "area", "faults"])
    data = Data(
      directory: try root["data"]["directory"].string(), split: try root["data"]["split"].string(default: "train"),
      augments: try root["data"]["augmentation"].boolean(default: true), area: try root["data"]["area"].area(),
      faults: try root["data"]["faults"].number(0...1, default: 0.01))
    if !root["run"].isAbsent {
      try root["run"].expect(members: ["seed", "checkpoint_steps", "evaluation_steps", "evaluation_split", "evaluation_samples"])
    }
    let checkpointSteps = try root["run"]["checkpoint_steps"].integer(1...1 << 30, default: 200)
    run = Run(
      seed: UInt64(try root["run"]["seed"].integer(0...Int.max, default: 1)), checkpointSteps: checkpointSteps,
      evaluationSteps: try root["run"]["evaluation_steps"].integer(1...1 << 30, default: 5 * checkpointSteps),
      evaluationSplit: try root["run"]["evaluation_split"].string(default: "renderings"),
      evaluationSamples: try root["run"]["evaluation_samples"].integer(2...1 << 20, default: 512))
    let named = root["teacher"]
    if !named.isAbsent { try named.expect(members: ["model", "variants"]) }
    teacher =
      try named.isAbsent ? nil : Teacher(model: named["model"].string(), variants: named["variants"].integer(1...1000, default: 4))
    model = root["model"]
    var stages: [Stage] = []
    for member in try root["stages"].members() { stages.append(try Stage(root["stages"][member.key], name: member.key)) }
    guard !stages.isEmpty else { throw root["stages"].wrong("at least one table [stages.NAME]") }
    self.stages = stages
    for stage in stages where teacher == nil {
      guard let task = stage.tasks.keys.first(where: \.needsTeacher) else { continue }
      throw root["stages"][stage.name]["tasks"][task.name].wrong("absent where the experiment has no [teacher]")
    }
  }
}

extension Field {
  /// Two numbers, the smaller first; what pictures are cut to where it is absent.
  fileprivate func area() throws(ImportError) -> ClosedRange<Float> {
    guard !isAbsent else { return AugmentationRanges().area }
    var bounds: [Float] = []
    for element in try elements() { bounds.append(Float(try with(element).number(0.05...20))) }
    guard bounds.count == 2, bounds[0] <= bounds[1] else { throw wrong("two numbers, the smaller first") }
    return bounds[0]...bounds[1]
  }

  func string(default value: String) throws(ImportError) -> String { isAbsent ? value : try string() }

  /// With those entries, where they are relative paths, beginning at the file's directory.
  fileprivate func absolute(_ paths: [String]) throws(ImportError) -> Field {
    let directory = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    guard !directory.isEmpty else { return self }
    var root = self
    for path in paths {
      let parts = path.split(separator: ".")
      let field = parts.reduce(root) { $0[String($1)] }
      guard !field.isAbsent, case let text = try field.string(), !text.hasPrefix("/") else { continue }
      root = Field(file: file, path: "", value: root.value?.replacing(parts[...], with: .string(directory + "/" + text)))
    }
    return root
  }

  /// With an entry of another value: a number or `true` or `false` where it reads so, else a text.
  fileprivate func changed(_ path: String, to text: String) throws(ImportError) -> Field {
    let parts = path.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 1, !parts.contains(where: \.isEmpty) else {
      throw .badField(file: file, field: path, expected: "TABLE.KEY", found: path)
    }
    let value: Json =
      if let number = Int(text) { .integer(number) } else if let number = Double(text) { .number(number) } else {
        text == "true" || text == "false" ? .boolean(text == "true") : .string(text)
      }
    return Field(file: file, path: "", value: (self.value ?? .object([])).replacing(parts[...], with: value))
  }
}
