import Preprocessing

/// A text as it was recorded.
struct Recording {
  let text: String
  let voice: Voice
  let sound: Sound

  /// Seconds that a recording may be long.
  static let limit = 1.25
  /// How much faster a text is spoken that would be longer.
  private static let haste = 1.5
  /// What is quieter, before and behind the speech, is silence; a little of it stays.
  private static let threshold: Float = 0.01
  private static let margin = 0.02

  /// Speaks the first text that is short enough, if need be faster than the voice would; the last one is cut off if it is too long.
  ///
  /// - Parameter texts: One or more.
  init(_ texts: [String], voice: Voice, rate: Int) throws(MakingError) {
    var fast = voice
    fast.speed = Int(Double(voice.speed) * Self.haste)
    for (text, voice) in texts.flatMap({ [($0, voice), ($0, fast)] }) {
      let sound = Self.trimmed(try Speech.speak(text, voice))
      let isLast = text == texts.last && voice == fast
      if Double(sound.samples.count) > Self.limit * Double(sound.rate), !isLast { continue }
      self.text = text
      self.voice = voice
      do throws(MediaError) {
        self.sound = try sound.resampled(to: rate, limit: Int(Self.limit * Double(rate)))
      } catch {
        throw .speech("'\(text)': \(error)")
      }
      return
    }
    throw .speech("there is nothing to say")
  }

  private static func trimmed(_ sound: Sound) -> Sound {
    let margin = Int(Self.margin * Double(sound.rate))
    let isLoud = { (sample: Float) in abs(sample) > threshold }
    guard let first = sound.samples.firstIndex(where: isLoud), let last = sound.samples.lastIndex(where: isLoud) else { return sound }
    let kept = max(0, first - margin)..<min(sound.samples.count, last + 1 + margin)
    return (try? Sound(rate: sound.rate, samples: Array(sound.samples[kept]))) ?? sound
  }
}
