import ArgumentParser
import Dataset
import DatasetMaking
import Foundation
import JSONFormat
import Synchronization

/// `tributary-train dataset`.
struct DatasetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset", abstract: "Makes and examines sets of samples to train on.",
    discussion: """
      A set is a directory of WebDataset shards: pictures, recordings, captions and what is known of them, by splits that are named after \
      what is held out in them.
      """,
    subcommands: [PictogramsCommand.self, DigitsCommand.self, TextsCommand.self, PreviewCommand.self, InspectCommand.self])
}

/// What the commands share that make a set.
struct MakingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The directory to make; what is there already of the same set stays.", valueName: "directory"))
  var out: String

  @Option(help: ArgumentHelp("The same seed gives the same bytes.", valueName: "number"))
  var seed = 1

  @Option(help: ArgumentHelp("Also write a page with some of the samples.", valueName: "file"), completion: .file())
  var preview: String?

  func make(_ source: any SampleSource) throws {
    let directory = try makeSet(source, in: out)
    if let preview { try writePreview(of: directory, to: preview) }
  }
}

/// Makes a set and says what it is.
@discardableResult
private func makeSet(_ source: any SampleSource, in path: String) throws -> DatasetDirectory {
  let maker = SetMaker(source, directory: path)
  let progress = Mutex(Progress("making", of: maker.shardCount))
  defer { progress.withLock { $0.end() } }
  try maker.make { progress.withLock { $0.advance() } }
  let directory = try DatasetDirectory(path)
  let splits = directory.description.splits.map { "\($0.samples) \($0.name)" }.joined(separator: ", ")
  print("wrote \(path): \(directory.description.concepts.count) concepts; samples: \(splits)")
  return directory
}

/// `tributary-train dataset pictograms`.
struct PictogramsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pictograms", abstract: "Makes a set of emoji that are drawn, named and spoken.",
    discussion: """
      Pictures are of Noto Color Emoji, names and keywords from Unicode's CLDR, speech from eSpeak NG: the Debian packages \
      fonts-noto-color-emoji, unicode-cldr-core and espeak-ng.

      Examples:
        tributary-train dataset pictograms --out pictograms --preview pictograms.html
        tributary-train dataset pictograms --out small --concepts 100 --languages en --samples 4
      """)

  @OptionGroup var making: MakingOptions

  @Option(help: ArgumentHelp("Languages of names and speech, with commas; en is one of them.", valueName: "list"))
  var languages = PictogramOptions().languages.joined(separator: ",")

  @Option(help: ArgumentHelp("How many concepts (default: all).", valueName: "count"))
  var concepts: Int?

  @Option(help: ArgumentHelp("Samples of a concept to train with.", valueName: "count"))
  var samples = PictogramOptions().samples

  @Option(help: ArgumentHelp("The side of a picture.", valueName: "pixels"))
  var size = PictogramOptions().side

  @Option(help: ArgumentHelp("Samples a second of a recording.", valueName: "count"))
  var rate = PictogramOptions().rate

  func validate() throws {
    guard languages.split(separator: ",").contains("en") else { throw ValidationError("--languages wants en among them") }
    if let concepts, concepts < 1 { throw ValidationError("--concepts wants a number from 1, not \(concepts)") }
    guard 1...1000 ~= samples else { throw ValidationError("--samples wants a number from 1 to 1000, not \(samples)") }
    guard 8...1024 ~= size else { throw ValidationError("--size wants a number from 8 to 1024, not \(size)") }
    guard 8000...48_000 ~= rate else { throw ValidationError("--rate wants a number from 8000 to 48000, not \(rate)") }
  }

  func run() throws {
    try reporting {
      var options = PictogramOptions()
      options.languages = languages.split(separator: ",").map(String.init)
      (options.concepts, options.samples, options.side, options.rate, options.seed) = (concepts, samples, size, rate, making.seed)
      try making.make(PictogramSource(options))
    }
  }
}

/// `tributary-train dataset digits`.
struct DigitsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "digits", abstract: "Makes a small set of handwritten digits with spoken ones.",
    discussion: """
      The digits are those of scikit-learn; speech is from eSpeak NG (Debian's espeak-ng).

      Example:
        tributary-train dataset digits --digits "$(tools/fetch-digits)" --out digits
      """)

  @OptionGroup var making: MakingOptions

  @Option(
    help: ArgumentHelp("scikit-learn's digits.csv or digits.csv.gz: tools/fetch-digits prints its path.", valueName: "file"),
    completion: .file())
  var digits: String

  func run() throws {
    try reporting { try making.make(DigitSource(path: digits, seed: making.seed)) }
  }
}

/// `tributary-train dataset texts`.
struct TextsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "texts", abstract: "Makes a set of texts alone, of files with one a line.",
    discussion: """
      It is for a text encoder that learns from another: tools/experiments/minilm-student.toml.

      Example:
        tributary-train dataset texts sentences.txt --out sentences
      """)

  @Argument(help: ArgumentHelp("Files of UTF-8, a text a line.", valueName: "file"), completion: .file())
  var files: [String]

  @Option(help: ArgumentHelp("The directory to make; what is there already of the same set stays.", valueName: "directory"))
  var out: String

  @Option(help: ArgumentHelp("The same seed gives the same bytes.", valueName: "number"))
  var seed = 1

  func run() throws { try reporting { try makeSet(SentenceSource(paths: files, seed: seed), in: out) } }
}

/// `tributary-train dataset preview`.
struct PreviewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview", abstract: "Writes a page with samples of each split: pictures, captions and players.")

  @Argument(help: ArgumentHelp("The set's directory.", valueName: "directory"), completion: .directory)
  var directory: String

  @Option(help: ArgumentHelp("The page to write.", valueName: "file"), completion: .file())
  var out: String

  func run() throws {
    try reporting {
      try writePreview(of: DatasetDirectory(directory), to: out)
      print("wrote \(out)")
    }
  }
}

/// `tributary-train dataset inspect`.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Reads all of a set and tells what is in it and what is bad.")

  @Argument(help: ArgumentHelp("The set's directory.", valueName: "directory"), completion: .directory)
  var directory: String

  @Flag(help: "Print one JSON object instead of text.")
  var json = false

  func run() throws {
    try reporting {
      let directory = try DatasetDirectory(directory)
      var progress = Progress("reading", of: directory.description.splits.reduce(0) { $0 + $1.samples })
      let inspection = try Inspection(directory) { progress.advance(by: $0) }
      progress.end()
      print(json ? inspection.json.text : inspection.text)
    }
  }
}

private func writePreview(of directory: DatasetDirectory, to path: String) throws {
  let page = try ContactSheet(directory).html()
  do { try Data(page.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
    throw Failure.unwritable("\(path): it cannot be written")
  }
}

/// Runs a command's work; what fails ends the command with a message and its exit code.
private func reporting(_ work: () throws -> Void) throws {
  do { try work() } catch { throw Failure(error).report() }
}
