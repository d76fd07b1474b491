import Randomness

/// A way to speak: one of eSpeak NG's voices at a speed and a pitch.
struct Voice: Hashable, Sendable {
  /// As `en-gb+f2`: a language's accent and a variant of the voice.
  let name: String
  /// Words a minute.
  var speed: Int
  /// 0 to 99.
  let pitch: Int

  /// The accents of the languages that are spoken, most of which have one; the last of several is in no sample of `train`.
  private static let accents = [
    "en": ["en-gb", "en-us", "en-gb-scotland", "en-gb-x-rp"], "es": ["es", "es-419"], "fr": ["fr-fr", "fr-be", "fr-ch"],
    "pt": ["pt", "pt-br"],
  ]
  private static let trained = ["m1", "m2", "m3", "m4", "m7", "f1", "f2", "f3"]
  private static let heldOut = ["m5", "m6", "f4", "f5"]

  /// - Parameter isHeldOut: Whether it is one that no training sample has: by its variant, and by its accent where there are several.
  init(language: String, isHeldOut: Bool, _ random: inout CounterRandom) {
    let accents = Self.accents[language] ?? [language]
    let allowed = accents.count == 1 ? accents[...] : isHeldOut ? accents.suffix(1) : accents.dropLast()
    let variants = isHeldOut ? Self.heldOut : Self.trained
    let accent = allowed[Int.random(in: allowed.indices, using: &random)]
    name = accent + "+" + variants[Int.random(in: variants.indices, using: &random)]
    speed = Int.random(in: 130...220, using: &random)
    pitch = Int.random(in: 20...80, using: &random)
  }
}
