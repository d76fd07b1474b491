package import Dataset
import Foundation
import Preprocessing
import Randomness

/// How a set of pictograms is made.
package struct PictogramOptions: Sendable {
  /// Languages of names and speech, English among them: half of the samples are English.
  package var languages = ["en", "de", "fr", "es", "it", "pt", "nl", "pl"]
  /// How many concepts; nil for all there are.
  package var concepts: Int?
  /// Samples of a concept to train with.
  package var samples = 12
  package var seed = 1
  /// Pixels of a picture's side.
  package var side = 64
  /// Samples a second of a recording.
  package var rate = 16000

  package init() {}

  fileprivate var recipe: [String] {
    [
      "pictograms 1", "languages \(languages.joined(separator: ","))", "concepts \(concepts.map { "\($0)" } ?? "all")",
      "samples \(samples)", "seed \(seed)", "side \(side)",
    ]
  }
}

/// Emoji: drawn by Noto Color Emoji, named by CLDR, spoken by eSpeak NG. A tenth of the concepts is held out (`zero-shot`); the other
/// ones are seen and heard in `train`, and in `renderings` before backgrounds, in sizes and by voices that are in no sample of `train`.
/// Those of `zero-shot` are so too.
package struct PictogramSource: SampleSource {
  private struct Concept: Sendable {
    let scalar: Unicode.Scalar
    let names: [String: Annotations.Entry]
    let isHeldOut: Bool

    /// As `1f408`.
    var code: String { String(scalar.value, radix: 16) }
  }

  /// A sample's concept, and which of the concept's samples it is.
  private struct Place: Sendable {
    let concept: Int
    let number: Int
  }

  private enum Split: String, CaseIterable {
    case train, renderings
    case zeroShot = "zero-shot"

    func samples(_ options: PictogramOptions) -> Int {
      switch self {
      case .train: options.samples
      case .renderings: 2
      case .zeroShot: 4
      }
    }
  }

  /// The share of concepts that is held out.
  private static let heldOutShare = 0.1
  /// The longest name that is spoken, in characters, where there is a shorter word.
  private static let longestSpoken = 18

  private let options: PictogramOptions
  private let font: EmojiFont
  private let concepts: [Concept]
  private let places: [[Place]]

  package init(_ options: PictogramOptions) throws(MakingError) {
    try Speech.checkProgram()
    font = try EmojiFont()
    var annotations: [String: Annotations] = [:]
    for language in options.languages { annotations[language] = try Annotations(language: language) }
    let concepts = try Self.concepts(options, annotations, font)
    (self.options, self.concepts) = (options, concepts)
    places = Split.allCases.map { split in
      let chosen = concepts.indices.filter { concepts[$0].isHeldOut == (split == .zeroShot) }
      let places = chosen.flatMap { concept in (0..<split.samples(options)).map { Place(concept: concept, number: $0) } }
      var random = CounterRandom(seed: options.seed, of: "order of \(split.rawValue)")
      return places.shuffled(using: &random)
    }
  }

  package var description: DatasetDescription {
    DatasetDescription(
      name: "pictograms", recipe: options.recipe, rate: options.rate, allowsMirroring: true, languages: options.languages,
      concepts: concepts.map { concept in
        let name = concept.names["en", default: Annotations.Entry()].name
        return DatasetDescription.Concept(
          name: name, symbol: String(Character(concept.scalar)), isHeldOut: concept.isHeldOut,
          prompts: CaptionTemplates.prompts(of: name))
      },
      splits: Split.allCases.indices.map { index in
        DatasetDescription.Split(name: Split.allCases[index].rawValue, samples: places[index].count, shards: 0)
      })
  }

  /// Those that the font draws and English names, in the order of their codes; which are taken and held out is drawn by lot.
  private static func concepts(
    _ options: PictogramOptions, _ annotations: [String: Annotations], _ font: EmojiFont
  ) throws(MakingError) -> [Concept] {
    let named = (annotations["en"]?.entries ?? [:]).keys.filter { isPictogram($0) && font.sprite(of: $0) != nil }
    var random = CounterRandom(seed: options.seed, of: "concepts")
    let drawn = named.sorted().shuffled(using: &random).prefix(options.concepts ?? .max)
    guard !drawn.isEmpty else { throw .noConcepts }
    let heldOut = Set(drawn.prefix(drawn.count > 1 ? max(1, Int(heldOutShare * Double(drawn.count))) : 0))
    return drawn.sorted().map { scalar in
      Concept(scalar: scalar, names: annotations.compactMapValues { $0.entries[scalar] }, isHeldOut: heldOut.contains(scalar))
    }
  }

  /// No letters and digits, and no parts that make others.
  private static func isPictogram(_ scalar: Unicode.Scalar) -> Bool {
    let properties = scalar.properties
    return properties.isEmoji && !scalar.isASCII && !properties.isEmojiModifier && !(0x1F1E6...0x1F1FF ~= scalar.value)
  }

  package func sample(split: Int, index: Int) throws(MakingError) -> Sample {
    let (kind, place) = (Split.allCases[split], places[split][index])
    let concept = concepts[place.concept]
    let key = "\(concept.code)-\(place.number)"
    var random = CounterRandom(seed: options.seed, of: "\(kind.rawValue) \(key)")
    let language = language(of: concept, &random)
    let scene = Scene(isHeldOut: kind != .train, &random)
    let texts = Texts(concept.names[language, default: Annotations.Entry()], language, scene.background, &random)
    let voice = Voice(language: language, isHeldOut: kind != .train, &random)
    let recording = try Recording(texts.spoken, voice: voice, rate: options.rate)
    guard let sprite = font.sprite(of: concept.scalar) else { throw .noConcepts }
    let metadata = SampleMetadata(
      concept: place.concept, name: texts.name, language: language, voice: recording.voice.name, speed: recording.voice.speed,
      pitch: recording.voice.pitch, rendering: scene.background.kind.rawValue, spoken: recording.text, captions: texts.captions)
    return Sample(
      key: key, metadata: metadata, caption: texts.captions[Int.random(in: texts.captions.indices, using: &random)],
      picture: scene.draw(sprite, side: options.side), sound: recording.sound)
  }

  /// English for half of the samples, else one of the languages that name the concept.
  private func language(of concept: Concept, _ random: inout CounterRandom) -> String {
    let others = options.languages.filter { $0 != "en" && concept.names[$0] != nil }
    let isEnglish = random.uniform() < 0.5
    return isEnglish || others.isEmpty ? "en" : others[Int.random(in: others.indices, using: &random)]
  }

  /// The words of a sample.
  private struct Texts {
    let name: String
    /// The name, keywords that may fit other concepts too, and phrases.
    let captions: [String]
    /// What may be said, the wanted first and the shortest last.
    let spoken: [String]

    init(_ entry: Annotations.Entry, _ language: String, _ background: Background, _ random: inout CounterRandom) {
      name = entry.name
      let keywords = Array(entry.keywords.shuffled(using: &random).prefix(2))
      let phrases = CaptionTemplates.captions(of: name, language: language)
      let phrase = phrases.isEmpty ? [] : [phrases[Int.random(in: phrases.indices, using: &random)]]
      let isColoured = language == "en" && background.kind == .plain
      captions = [name] + phrase + keywords + (isColoured ? ["\(name) on \(background.paint.name)"] : [])
      let words = ([name] + keywords).sorted { $0.count < $1.count }
      let short = words.filter { $0.count <= PictogramSource.longestSpoken }
      let first = random.uniform() < 0.6 && short.contains(name) ? [name] : []
      spoken = first + short.shuffled(using: &random) + words.prefix(1)
    }
  }
}
