package import Dataset
import Preprocessing
import Randomness

/// Handwritten digits with spoken ones, in English: a small set on which a whole training takes about a minute. A fifth of the pictures
/// is held out (`renderings`), and so are the voices there.
package struct DigitSource: SampleSource {
  private static let names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
  private static let splits = ["train", "renderings"]
  private static let language = "en"
  /// Every so manieth picture is held out.
  private static let period = 5
  private static let side = 32
  private static let rate = 16000

  private let seed: Int
  private let rows: [DigitRows.Row]
  /// The rows of each split.
  private let places: [[Int]]

  /// - Parameter path: scikit-learn's `digits.csv` or `digits.csv.gz`, which `tools/fetch-digits` fetches.
  package init(path: String, seed: Int) throws(MakingError) {
    try Speech.checkProgram()
    rows = try DigitRows(path: path).rows
    self.seed = seed
    var random = CounterRandom(seed: seed, of: "order")
    let drawn = rows.indices.shuffled(using: &random)
    let heldOut = rows.count / Self.period
    places = [Array(drawn.dropFirst(heldOut)), Array(drawn.prefix(heldOut))]
  }

  package var description: DatasetDescription {
    DatasetDescription(
      name: "digits", recipe: ["digits 1", "rows \(rows.count)", "seed \(seed)"], rate: Self.rate, allowsMirroring: false,
      languages: [Self.language],
      concepts: Self.names.enumerated().map { digit, name in
        DatasetDescription.Concept(name: name, symbol: "\(digit)", isHeldOut: false, prompts: [name, "the digit \(digit)"])
      },
      splits: zip(Self.splits, places).map { DatasetDescription.Split(name: $0, samples: $1.count, shards: 0) })
  }

  package func sample(split: Int, index: Int) throws(MakingError) -> Sample {
    let number = places[split][index]
    let row = rows[number]
    var random = CounterRandom(seed: seed, of: "digit \(number)")
    let name = Self.names[row.digit]
    let voice = Voice(language: Self.language, isHeldOut: split > 0, &random)
    let recording = try Recording([name], voice: voice, rate: Self.rate)
    let captions = [
      name, "the digit \(name)", "the digit \(row.digit)", row.digit.isMultiple(of: 2) ? "an even number" : "an odd number",
      row.digit < 5 ? "less than five" : "five or more",
    ]
    let metadata = SampleMetadata(
      concept: row.digit, name: name, language: Self.language, voice: recording.voice.name, speed: recording.voice.speed,
      pitch: recording.voice.pitch, rendering: "handwriting", spoken: recording.text, captions: captions)
    return Sample(
      key: "\(number)", metadata: metadata, caption: captions[Int.random(in: captions.indices, using: &random)],
      picture: Self.picture(of: row), sound: recording.sound)
  }

  private static func picture(of row: DigitRows.Row) -> RGBImage {
    let (sprite, scale) = (row.sprite, 8 / Float(side))
    let pixels = (0..<side * side).flatMap { index in
      let grey = sprite.colour((Float(index % side) + 0.5) * scale, (Float(index / side) + 0.5) * scale).x
      return [UInt8](repeating: UInt8(255 * grey + 0.5), count: 3)
    }
    return RGBImage(width: side, height: side, pixels: pixels)
  }
}
