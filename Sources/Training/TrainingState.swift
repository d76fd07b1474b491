package import Autograd
import BundleFormat
package import Dataset
import Models
package import Randomness

/// All that a training is at a step: what has to be kept so that going on gives the same bits as never having stopped.
package final class TrainingState {
  package let parameters: ParameterMemory
  package let optimizer: Optimizer
  /// The exponential moving average of the parameters.
  package let average: ParameterMemory?
  package var random: CounterRandom
  /// Where the samples go on.
  package var cursor = SampleCursor()

  /// The average, where there is one, begins with the parameters.
  package init(parameters: ParameterMemory, optimizer: Optimizer, averages: Bool = false, random: CounterRandom) {
    self.parameters = parameters
    self.optimizer = optimizer
    self.random = random
    average = averages ? ParameterMemory(parameters.layout) : nil
    _ = average?.memory.values.update(fromContentsOf: parameters.memory.values)
  }
}

// As a safetensors file: a tensor for each parameter and each part of the state; in the metadata numbers and a SHA-256 of them and of all
// tensors.
extension TrainingState {
  private static let format = "tributary-training-2"

  private var parts: [(name: String, memory: ParameterMemory)] {
    [("parameter", parameters), ("first-moment", optimizer.moments.first), ("second-moment", optimizer.moments.second)]
      + (average.map { [("average", $0)] } ?? [])
  }

  /// Writes it whole or not at all. `score` is what an evaluation told of it.
  package func save(to path: String, score: Double? = nil) throws(TrainingError) {
    let tensors = parts.flatMap { part in
      part.memory.layout.entries.enumerated().map { place, entry in
        SafetensorsWriter.Tensor(name: "\(part.name).\(entry.name)", shape: entry.sizes, values: UnsafeBufferPointer(part.memory[place]))
      }
    }
    var numbers = [
      "format": Self.format, "steps": String(optimizer.steps), "cursor.epoch": String(cursor.epoch),
      "cursor.batches": String(cursor.batches), "random.seed": String(random.seed),
      "random.stream": String(random.stream), "random.position": String(random.position),
    ]
    numbers["score"] = score.flatMap { $0.isFinite ? "\($0)" : nil }
    var hasher = Self.hasher(of: numbers)
    for tensor in tensors { hasher.add(UnsafeRawBufferPointer(tensor.values)) }
    numbers["sha256"] = hasher.digest().hexadecimal
    do {
      try SafetensorsWriter.write(tensors, metadata: numbers, to: path)
    } catch {
      throw .unwritable(error)
    }
  }

  /// The score of what was saved; nil where there is none, or no such file.
  package static func score(of path: String) -> Double? {
    (try? Safetensors(path: path))?.metadata["score"].flatMap(Double.init)
  }

  /// Takes up what was saved of a training with the same parameters and parts. Where it throws, the state is not to be used.
  package func restore(from path: String) throws(TrainingError) {
    do {
      try restore(Safetensors(path: path))
    } catch let error as ImportError {
      throw .unreadable(error)
    } catch let error as TrainingError {
      throw error
    } catch {
      throw .badState(file: path, field: "file", problem: "\(error)")
    }
  }

  private func restore(_ file: Safetensors) throws {
    guard file.metadata["format"] == Self.format else {
      throw TrainingError.badState(file: file.file, field: "format", problem: "is not \(Self.format)")
    }
    func number<Number: FixedWidthInteger>(_ field: String, to limit: Number) throws -> Number {
      guard let number = file.metadata[field].flatMap({ Number($0) }), (0...limit).contains(number) else {
        throw TrainingError.badState(file: file.file, field: field, problem: "is no number in 0...\(limit)")
      }
      return number
    }
    let steps = try number("steps", to: 1 << 48)
    let cursor = SampleCursor(epoch: try number("cursor.epoch", to: 1 << 48), batches: try number("cursor.batches", to: 1 << 48))
    let random = CounterRandom(
      seed: try number("random.seed", to: UInt64.max), stream: try number("random.stream", to: UInt64.max),
      position: try number("random.position", to: UInt64.max))
    try restoreTensors(file)
    optimizer.steps = steps
    self.cursor = cursor
    self.random = random
  }

  private func restoreTensors(_ file: Safetensors) throws {
    let found = Dictionary(file.entries.map { ($0.name, $0) }) { first, _ in first }
    let expected = parts.flatMap { part in part.memory.layout.entries.map { "\(part.name).\($0.name)" } }
    if let other = Set(found.keys).symmetricDifference(expected).min() {
      throw TrainingError.badState(file: file.file, field: other, problem: found[other] == nil ? "is missing" : "belongs to another model")
    }
    var hasher = Self.hasher(of: file.metadata.filter { $0.key != "sha256" })
    for part in parts {
      for (place, entry) in part.memory.layout.entries.enumerated() {
        guard let tensor = found["\(part.name).\(entry.name)"] else { continue }
        guard tensor.shape == entry.sizes else {
          throw TrainingError.badState(file: file.file, field: tensor.name, problem: "has shape \(tensor.shape), expected \(entry.sizes)")
        }
        _ = part.memory[place].update(from: try file.floats(tensor))
        hasher.add(UnsafeRawBufferPointer(part.memory[place]))
      }
    }
    guard file.metadata["sha256"] == hasher.digest().hexadecimal else {
      throw TrainingError.badState(file: file.file, field: "sha256", problem: "is not that of the rest: the file is damaged")
    }
  }

  /// Begins with the numbers in the order of their names.
  private static func hasher(of numbers: [String: String]) -> Hasher256 {
    var hasher = Hasher256()
    for (name, number) in numbers.sorted(by: { $0.key < $1.key }) { hasher.add(Array("\(name)=\(number)\n".utf8)) }
    return hasher
  }
}
