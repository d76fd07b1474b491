import CMath
package import Randomness

/// How far samples may be changed.
package struct AugmentationRanges: Hashable, Sendable {
  /// The area that is seen, in pictures, and how much wider than high it may become (and the reverse): above 1, what is in the picture
  /// becomes smaller.
  package var area: ClosedRange<Float> = 0.5...1
  package var aspect: Float = 4 / 3
  /// Whether half of the pictures are mirrored.
  package var mirrors = true
  /// Degrees to both sides.
  package var hue: Float = 30
  /// How far the factors may be from 1.
  package var saturation: Float = 0.4
  package var brightness: Float = 0.3
  package var contrast: Float = 0.3
  /// Percent that a recording may be faster or slower, in steps of 5.
  package var speed = 10
  /// Seconds to both sides.
  package var shift: Float = 0.1
  /// Decibels to both sides.
  package var gain: Float = 6
  /// Half of the recordings get noise, so many decibels below them.
  package var noise: ClosedRange<Float> = 5...30

  package init() {}
}

/// What is done to a sample, decided at once for all that it has: a caption that names a colour keeps the picture's colours, one that names
/// a side keeps its sides. It can be stored, and done again.
package struct Augmentation: Hashable, Sendable {
  /// Which of the captions is taken.
  package var caption = 0
  package var picture = PictureChange()
  package var sound = SoundChange()

  /// No change.
  package init() {}

  /// Draws as many numbers whatever is forbidden.
  ///
  /// - Parameters:
  ///   - captions: One or more, of which one is chosen.
  ///   - spoken: The words of the recording, which count with the caption; empty where there are none.
  package init(captions: [String], spoken: String, ranges: AugmentationRanges, using random: inout CounterRandom) {
    caption = Int.random(in: captions.indices, using: &random)
    let traits = CaptionTraits(captions[caption]).union(CaptionTraits(spoken))
    picture = PictureChange(ranges, traits, &random)
    sound = SoundChange(ranges, &random)
  }
}

extension PictureChange {
  fileprivate init(_ ranges: AugmentationRanges, _ traits: CaptionTraits, _ random: inout CounterRandom) {
    self.init()
    // Sizes of things are as likely by their logarithm.
    let (least, most) = (Double(ranges.area.lowerBound), Double(ranges.area.upperBound))
    let share = Float(exp(log(least) + Double(random.uniform()) * (log(most) - log(least))))
    let aspect = Float(exp(Double(random.between(-1, 1)) * log(Double(ranges.aspect))))
    width = (share * aspect).squareRoot()
    height = (share / aspect).squareRoot()
    left = random.uniform() * (1 - width)
    top = random.uniform() * (1 - height)
    isMirrored = random.uniform() < 0.5 && ranges.mirrors && !traits.contains(.handedness)
    let colours = (hue: random.between(-ranges.hue, ranges.hue), saturation: 1 + random.between(-ranges.saturation, ranges.saturation))
    if !traits.contains(.colour) { (hue, saturation) = colours }
    brightness = 1 + random.between(-ranges.brightness, ranges.brightness)
    contrast = 1 + random.between(-ranges.contrast, ranges.contrast)
  }
}

extension SoundChange {
  fileprivate init(_ ranges: AugmentationRanges, _ random: inout CounterRandom) {
    self.init()
    let steps = ranges.speed * Self.speedUnit / 100
    speed += Int.random(in: -steps...steps, using: &random)
    shift = random.between(-ranges.shift, ranges.shift)
    gain = random.between(-ranges.gain, ranges.gain)
    let ratio = random.between(ranges.noise.lowerBound, ranges.noise.upperBound)
    noise = random.uniform() < 0.5 ? ratio : nil
    noiseSeed = random.next()
  }
}

extension CounterRandom {
  fileprivate mutating func between(_ low: Float, _ high: Float) -> Float { low + (high - low) * uniform() }
}
