import ArgumentParser
import BundleFormat
import Compression
import Foundation
import Models

/// `tributary-train import`.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Quantises a pretrained text encoder and writes it as a bundle.",
    discussion: """
      The directory is as Hugging Face publishes it: config.json, model.safetensors, and tokenizer.json or vocab.txt. The encoder \
      must be a BERT with mean pooling. Activations are measured on the lines of the calibration file: some hundred texts of the \
      kind that the model will see.

      Examples:
        tributary-train import --from DIR --calibrate texts.txt --out m.gguf
        tributary-train import --from DIR --calibrate texts.txt --out m.gguf --report
        tributary-train import --from DIR --calibrate texts.txt --out m.gguf --json
      """)

  @Option(help: ArgumentHelp("The model's directory.", valueName: "directory"), completion: .directory)
  var from: String

  @Option(help: ArgumentHelp("Texts to measure activations on, one a line (UTF-8).", valueName: "file"), completion: .file())
  var calibrate: String

  @Option(help: ArgumentHelp("The bundle to write; it appears only when it is complete.", valueName: "file"), completion: .file())
  var out: String

  @Option(help: ArgumentHelp("The model's name in the bundle (default: the directory's).", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("The longest text in tokens (default: what the model's files say).", valueName: "count"))
  var maximumTokens: Int?

  @Flag(help: "Compare each operation of the bundle with float, over the calibration texts.")
  var report = false

  @Flag(help: "Print one JSON object instead of text.")
  var json = false

  func validate() throws {
    if let maximumTokens, maximumTokens < 2 { throw ValidationError("--maximum-tokens wants a number from 2, not \(maximumTokens)") }
    if name?.isEmpty == true { throw ValidationError("--name wants at least one character") }
  }

  func run() throws {
    do {
      try importModel()
    } catch {
      throw Failure(error).report()
    }
  }

  private func importModel() throws {
    let start = ContinuousClock.now
    let model = try HuggingFaceModel(directory: from, maximumTokens: maximumTokens)
    let importer = try Importer(model: model, texts: CalibrationTexts(path: calibrate, tokenizer: model.tokenizer))
    let quantized = try importer.quantize()
    let contents = BundleContents(
      name: name ?? URL(fileURLWithPath: from).standardizedFileURL.lastPathComponent, graph: quantized.graph,
      parameters: quantized.parameters, tokenizer: model.tokenizer,
      notes: [Note(key: "tributary.note.calibration", text: "\(importer.texts.tokens.count) texts")])
    try BundleWriter.write(contents, to: out)
    let comparison = report ? try importer.compare(bundle: out) : nil
    let result = ImportResult(contents: contents, path: out, report: comparison, duration: .now - start)
    print(json ? result.json : result.text)
  }
}
