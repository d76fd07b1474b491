import Autograd
import BundleFormat
import Compression
import Dataset
import Foundation
import ModelGraph
import Models
import Preprocessing
import Training

/// What a model is calibrated or compared on: texts, pictures, sounds, tensors or samples from files, as the model's inputs.
struct CalibrationExamples {
  private(set) var examples: [Example] = []
  private let model: HuggingFaceModel
  private let flag: String

  /// `paths` are files of texts, one a line; pictures (.jpg, .jpeg, .png); sounds (.wav); tensors (.safetensors) named INPUT.NUMBER; shards
  /// of samples (.tar), of which the first ones are taken, with all modalities and with each alone; or folders of these. `flag` names them
  /// in what a failure tells.
  init(paths: [String], of flag: String = "--calibrate", model: HuggingFaceModel) throws {
    self.model = model
    self.flag = flag
    for path in paths { try add(path) }
    guard !examples.isEmpty else {
      throw Failure.badData("\(flag) \(paths.joined(separator: " ")) holds no text, picture, sound or tensor")
    }
  }

  private mutating func add(_ path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Failure.unreadable("\(flag) \(path) cannot be read: there is no such file")
    }
    guard isFolder.boolValue else { return try addFile(path) }
    for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted() where !name.hasPrefix(".") {
      try addFile(path + "/" + name)
    }
  }

  private mutating func addFile(_ path: String) throws {
    switch URL(fileURLWithPath: path).pathExtension.lowercased() {
    case "jpg", "jpeg", "png": try addPicture(path)
    case "wav": try addSound(path)
    case "safetensors": try addTensors(path)
    case "tar": try addSamples(path)
    default: try addTexts(path)
    }
  }

  private func bytes(_ path: String) throws -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw Failure.unreadable("\(flag) \(path) cannot be read: \(error.localizedDescription)")
    }
  }

  private mutating func addTexts(_ path: String) throws {
    let encode = try textEncoder(path)
    let lines = try bytes(path).split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    guard !lines.isEmpty else { throw Failure.badData("\(flag) \(path) holds no text: give some hundred lines") }
    for line in lines { examples.append(Example(tokens: encode(Array(line)))) }
  }

  private func textEncoder(_ path: String) throws -> ([UInt8]) -> [Int32] {
    if let description = model.bytePair {
      let tokenizer = try BytePairTokenizer(description)
      return { tokenizer.encode($0.span, maximumTokens: description.options.maximumTokens) }
    }
    guard let description = model.tokenizer else { throw Failure.badData("\(flag) \(path): the model takes no text") }
    let tokenizer = try WordPieceTokenizer(description)
    return { tokenizer.encode($0.span, maximumTokens: description.options.maximumTokens) }
  }

  private mutating func addPicture(_ path: String) throws {
    guard let image = model.image, let input = input(where: { $0.shape.rank == 4 }) else {
      throw Failure.badData("\(flag) \(path): the model takes no picture")
    }
    let options = try ImageOptions(image)
    let picture = try media(path) { bytes throws(MediaError) in try RGBImage(decoding: bytes.span) }
    examples.append(Example(values: [input: try options.normalized(picture)]))
  }

  private mutating func addSound(_ path: String) throws {
    guard let sound = model.sound, let input = input(where: { $0.shape.rank == 3 && $0.shape.width == 1 }) else {
      throw Failure.badData("\(flag) \(path): the model takes no sound")
    }
    let options = try SoundOptions(sound)
    let recording = try media(path) { bytes throws(MediaError) in try Sound(wave: bytes.span) }
    examples.append(Example(values: [input: try options.prepare(recording)]))
  }

  /// Samples of a shard that are taken.
  private static let samplesOfShard = 192

  private mutating func addSamples(_ path: String) throws {
    let preparation = try SamplePreparation(
      image: model.image, sound: model.sound, tokenizer: model.tokenizer, rate: model.sound?.rate ?? 0)
    let stream = try SampleStream(shards: [path], order: .stored, batch: Self.samplesOfShard, seed: 0)
    let loader = try Loader(stream, ahead: 1) { sample, random throws(SampleFault) in
      try preparation.prepare(sample, Set(Modality.allCases), &random)
    }
    let inputs = ExampleInputs(model.graph)
    for (place, sample) in (try loader.next() ?? []).enumerated() {
      examples.append(inputs.example(sample))
      let present = sample.modalities
      if present.count > 1 { examples.append(inputs.example(sample, [present[place % present.count]])) }
    }
  }

  private func media<Value>(_ path: String, _ decode: ([UInt8]) throws(MediaError) -> Value) throws -> Value {
    let bytes = try bytes(path)
    do throws(MediaError) { return try decode(bytes) } catch { throw Failure.badData("\(flag) \(path): \(error)") }
  }

  private mutating func addTensors(_ path: String) throws {
    var numbered: [Int: Example] = [:]
    let file = try Safetensors(path: path)
    for entry in file.entries {
      let parts = entry.name.split(separator: ".")
      guard parts.count == 2, let number = Int(parts[1]), let input = input(where: { $0.name == parts[0] }) else {
        throw Failure.badData("\(flag) \(path): tensor '\(entry.name)' is not named INPUT.NUMBER after an input of the model")
      }
      let values = try file.floats(entry)
      if model.graph[input].dataType == .int32 {
        numbered[number, default: Example()].tokens = values.map { Int32($0) }
      } else {
        numbered[number, default: Example()].values[input] = values
      }
    }
    examples += numbered.sorted { $0.key < $1.key }.map(\.value)
  }

  private func input(where isWanted: (Tensor) -> Bool) -> TensorID? { model.graph.inputs.first { isWanted(model.graph[$0]) } }
}
