import ArgumentParser
import BundleFormat
import Foundation
import JSONFormat
import ModelGraph
import Models
import ONNXFormat

/// `tributary-train export`.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes a model for other engines: a bundle as ONNX, an encoder for transformers.",
    discussion: """
      --onnx writes a bundle as ONNX (opset 21), with its integers and the arithmetic of the kernels, so that ONNX Runtime gives the bits \
      of `tributary run`. All modalities are present, unless --only names some: the others are absent then, as in a request without them. \
      Texts may have any length up to the bundle's, but in a batch all the same one.

      --hugging-face writes an encoder of a model that `pretrain` wrote, in float, as a directory that AutoModel.from_pretrained of \
      transformers loads, where it has such an encoder; `import` takes it as well.

      Examples:
        tributary-train export minilm.gguf --onnx minilm.onnx
        tributary-train export student.gguf --onnx student.onnx --only image,text --json
        tributary-train export student/model --hugging-face student-text --part text
      """)

  @Argument(help: ArgumentHelp("A bundle, or a model's directory.", valueName: "model"), completion: .file())
  var model: String

  @Option(help: ArgumentHelp("The file to write; it appears only when it is complete.", valueName: "file"), completion: .file())
  var onnx: String?

  @Option(help: ArgumentHelp("The modalities that are present (default: all).", valueName: "modality,..."))
  var only: String?

  @Option(help: ArgumentHelp("The directory to write.", valueName: "directory"), completion: .directory)
  var huggingFace: String?

  @Option(help: ArgumentHelp("Which encoder: text, image or sound (default: the only one).", valueName: "modality"))
  var part: Modality?

  @Flag(help: "Print one JSON object instead of text.")
  var json = false

  func validate() throws {
    guard (onnx == nil) != (huggingFace == nil) else { throw ValidationError("give one of --onnx and --hugging-face") }
    if only != nil, onnx == nil { throw ValidationError("--only belongs to --onnx: give that too, or --part") }
    if part != nil, huggingFace == nil { throw ValidationError("--part belongs to --hugging-face: give that too, or --only") }
    _ = try modalities()
  }

  private func modalities() throws -> Set<Modality>? {
    guard let only else { return nil }
    return Set(
      try only.split(separator: ",", omittingEmptySubsequences: false).map { word in
        guard let modality = Modality(rawValue: String(word)) else {
          throw ValidationError("--only wants modalities (\(Modality.allCases.map(\.rawValue).joined(separator: ", "))), not '\(word)'")
        }
        return modality
      })
  }

  func run() throws {
    do {
      let result = try onnx.map(writeONNX) ?? huggingFace.map(writeTower)
      if let result { print(json ? result.json : result.text) }
    } catch {
      throw Failure(error).report()
    }
  }

  private func writeONNX(to path: String) throws -> ExportResult {
    let bundle: BundleFormat.Bundle
    do throws(BundleError) {
      bundle = try BundleFormat.Bundle(path: model)
    } catch {
      if case .file = error { throw Failure.unreadable("\(error)") }
      throw Failure.badData("\(model): \(error)")
    }
    let bytes = try ONNXModel(bundle, only: modalities()).bytes
    do throws(BundleError) { try NewFile.write(bytes, to: path) } catch { throw Failure.unwritable("--onnx: \(error)") }
    return ExportResult(path: path, format: "onnx", of: bundle.name, bytes: bytes.count)
  }

  private func writeTower(to path: String) throws -> ExportResult {
    let (directory, parameters) = try MultimodalDirectory.read(model)
    let tower = try TowerDirectory(directory, parameters: parameters, part: part)
    try tower.write(to: path)
    return ExportResult(path: path, format: "hugging-face", of: tower.architecture, bytes: nil)
  }
}

extension Modality: ExpressibleByArgument {}

/// What the command tells when a model is written.
private struct ExportResult {
  let path: String
  let format: String
  /// The bundle's name, or the class that loads the encoder.
  let of: String
  let bytes: Int?

  var text: String { "wrote \(path): \(of)" + (bytes.map { ", \($0) bytes" } ?? "") }

  var json: String {
    Json.object([
      .init(key: "path", value: .string(path)), .init(key: "format", value: .string(format)), .init(key: "model", value: .string(of)),
      .init(key: "bytes", value: bytes.map { .integer($0) } ?? .null),
    ]).text
  }
}
