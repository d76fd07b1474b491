import ArgumentParser
import BundleFormat
import Compression
import Dataset
import Foundation
import ModelEvaluation
import Models

/// `tributary-train import`.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Quantises a pretrained model and writes it as a bundle.",
    discussion: """
      The directory is as Hugging Face or timm publish it: config.json, model.safetensors, and the tokenizer's or the preprocessor's \
      files. Models are BERT, ViT and DeiT, SigLIP's image encoder, CLIP, Wav2Vec2, MobileNetV2, ResNet, and what `pretrain` \
      wrote. Activations are measured on \
      files like what the model will see, some hundred in all: texts one a line, .jpg, .png, .wav, .safetensors with tensors named \
      INPUT.NUMBER, shards of samples (.tar), or folders of these.

      Examples:
        tributary-train import --from DIR --calibrate texts.txt --out m.gguf
        tributary-train import --from DIR --calibrate texts.txt --out m.gguf --report
        tributary-train import --from DIR --calibrate pictures/ --out m.gguf --json
        tributary-train import --from student/model --calibrate digits/train-000000.tar --confidence digits --out student.gguf
        tributary-train import --from DIR --calibrate texts.txt --out m.gguf --profile raspberry-pi-zero-2-w.toml
        tributary-train import --from CLIP --calibrate texts.txt --calibrate pictures/ --out clip.gguf
      """)

  @Option(help: ArgumentHelp("The model's directory.", valueName: "directory"), completion: .directory)
  var from: String

  @Option(
    help: ArgumentHelp("Texts, pictures, sounds or tensors to measure activations on (again for more).", valueName: "file"),
    completion: .file())
  var calibrate: [String]

  @Option(help: ArgumentHelp("The bundle to write; it appears only when it is complete.", valueName: "file"), completion: .file())
  var out: String

  @Option(help: ArgumentHelp("The model's name in the bundle (default: the directory's).", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("The longest text in tokens (default: what the model's files say).", valueName: "count"))
  var maximumTokens: Int?

  @Option(help: ArgumentHelp("The window of a sound in samples (default: one second).", valueName: "count"))
  var samples: Int?

  @Option(help: ArgumentHelp("What scores are divided by before the softmax that tells confidence.", valueName: "number"))
  var temperature: Float?

  @Option(
    help: ArgumentHelp("A set of samples, on whose held-out renderings that number is fitted.", valueName: "directory"),
    completion: .directory)
  var confidence: String?

  @Option(
    help: ArgumentHelp("A device's profile: a bundle that does not fit into its memory is not written.", valueName: "file"),
    completion: .file())
  var profile: String?

  @Flag(help: "Compare each operation of the bundle with float, over the calibration examples or those held out.")
  var report = false

  @Option(
    help: ArgumentHelp("What --report compares on: more of what --calibrate takes (again for more).", valueName: "file"),
    completion: .file())
  var heldOut: [String] = []

  @Flag(help: "Print one JSON object instead of text.")
  var json = false

  func validate() throws {
    if let maximumTokens, maximumTokens < 2 { throw ValidationError("--maximum-tokens wants a number from 2, not \(maximumTokens)") }
    if let samples, samples < 1 { throw ValidationError("--samples wants a number from 1, not \(samples)") }
    if let temperature, !Confidence.temperatures.contains(temperature) {
      throw ValidationError("--temperature wants a number from 0.000001 to 1000000, not \(temperature)")
    }
    if temperature != nil, confidence != nil { throw ValidationError("--temperature and --confidence give the same number: give one") }
    if calibrate.isEmpty { throw ValidationError("--calibrate wants at least one file") }
    if !heldOut.isEmpty, !report { throw ValidationError("--held-out is what --report compares on: give that too") }
    if name?.isEmpty == true { throw ValidationError("--name wants at least one character") }
  }

  func run() throws {
    do {
      try importModel()
    } catch let error as ImportError {
      throw Failure(error).of("--from").report()
    } catch {
      throw Failure(error).report()
    }
  }

  private func importModel() throws {
    let start = ContinuousClock.now
    let model = try HuggingFaceModel(directory: from, maximumTokens: maximumTokens, samples: samples)
    let heldOut = try heldOut.isEmpty ? nil : CalibrationExamples(paths: heldOut, of: "--held-out", model: model)
    let importer = try Importer(model: model, calibration: CalibrationExamples(paths: calibrate, model: model))
    let quantized = try importer.quantize()
    var contents = BundleContents(
      name: name ?? URL(fileURLWithPath: from).standardizedFileURL.lastPathComponent, graph: quantized.graph,
      parameters: quantized.parameters, tokenizer: model.tokenizer, bytePair: model.bytePair, image: model.image, sound: model.sound,
      labels: model.labels, confidence: temperature.map { Confidence(temperature: $0) }, ratePoints: model.ratePoints,
      notes: [Note(key: "tributary.note.calibration", text: "\(importer.calibration.examples.count) examples")])
    let draft = out + ".draft"
    defer { try? FileManager.default.removeItem(atPath: draft) }
    try BundleWriter.write(contents, to: draft)
    let fit = try profile.map { try MemoryFit(profile: $0, bundle: draft) }
    try fit?.check()
    if let confidence { contents.confidence = try fittedConfidence(bundle: draft, on: DatasetDirectory(confidence)) }
    contents.featureDictionary = try importer.featureDictionary(bundle: draft)
    try BundleWriter.write(contents, to: out)
    let comparison = report ? try importer.compare(bundle: out, on: heldOut ?? importer.calibration) : nil
    let result = ImportResult(contents: contents, path: out, report: comparison, memory: fit, duration: .now - start)
    print(json ? result.json : result.text)
  }

  private static let samplesOfConfidence = 1000

  private func fittedConfidence(bundle path: String, on set: DatasetDirectory) throws -> Confidence? {
    let answers = try BundleAnswers(path: path, threads: ProcessInfo.processInfo.activeProcessorCount)
    var evaluation = try ModelEvaluation(answers, set: set, atMost: Self.samplesOfConfidence)
    return try evaluation.confidence(split: ModelEvaluation<BundleAnswers>.known)
  }
}
