import Dataset
import Preprocessing
import Randomness
import TestSupport
import Testing

private let colourful = [
  "red apple", "the green book", "a golden key", "rotes Herz", "dunkelblauer Kreis", "cœur vert", "corazón azul", "cuore rosso",
  "coração amarelo", "groene appel", "czerwone serce", "a Black cat.", "silver",
]
private let handed = ["left arrow", "flèche droite", "seven o’clock", "keycap 7", "Pfeil nach links", "letter", "the digit 3", "zegar"]
private let free = ["a cat", "Hund", "chien", "gato", "the reddest?", "kot", "airplane"]

@Test func wordsForbidChanges() {
  for text in colourful { #expect(CaptionTraits(text).contains(.colour), "\(text)") }
  for text in handed { #expect(CaptionTraits(text).contains(.handedness), "\(text)") }
  for text in free { #expect(CaptionTraits(text).isEmpty, "\(text)") }
}

private func augmentations(_ captions: [String], spoken: String = "") -> [Augmentation] {
  var ranges = AugmentationRanges()
  ranges.area = 0.5...2.5
  return (0..<200).map { index in
    var random = CounterRandom(seed: 1, stream: UInt64(index))
    return Augmentation(captions: captions, spoken: spoken, ranges: ranges, using: &random)
  }
}

@Test func aColourInTheCaptionOrTheRecordingKeepsThePicturesColours() {
  for (caption, spoken) in [("a red heart", ""), ("a heart", "rotes Herz")] {
    #expect(augmentations([caption], spoken: spoken).allSatisfy { $0.picture.hue == 0 && $0.picture.saturation == 1 })
  }
  let mixed = augmentations(["a red heart", "a heart"])
  #expect(mixed.allSatisfy { ($0.picture.hue == 0) == ($0.caption == 0) })
  #expect(Set(mixed.map(\.caption)) == [0, 1])
}

@Test func aSideInTheCaptionKeepsThePicturesSides() {
  #expect(augmentations(["left arrow"]).allSatisfy { !$0.picture.isMirrored })
  #expect(80...120 ~= augmentations(["a cat"]).count { $0.picture.isMirrored })
}

@Test func whatIsForbiddenChangesNothingElse() {
  for (free, bound) in zip(augmentations(["a cat"]), augmentations(["a red cat on the left"])) {
    var expected = free
    (expected.picture.hue, expected.picture.saturation, expected.picture.isMirrored) = (0, 1, false)
    #expect(bound == expected)
  }
}

@Test func changesStayInTheirRanges() throws {
  for augmentation in augmentations(["a cat"]) {
    let (picture, sound) = (augmentation.picture, augmentation.sound)
    #expect(0.499...2.501 ~= picture.width * picture.height)
    for (start, length) in [(picture.left, picture.width), (picture.top, picture.height)] {
      #expect(length <= 1 ? start >= 0 && start + length <= 1.0001 : start <= 0 && start + length >= 0.9999, "all of the smaller is seen")
    }
    #expect(18...22 ~= sound.speed && abs(sound.shift) <= 0.1 && abs(sound.gain) <= 6)
    #expect(sound.noise.map { 5...30 ~= $0 } ?? true)
  }
}

private func noisyPicture(width: Int, height: Int) -> RGBImage {
  var generator = SeededGenerator(seed: 2)
  return RGBImage(
    width: width, height: height, pixels: (0..<3 * width * height).map { _ in UInt8.random(in: 40...215, using: &generator) })
}

@Test func noChangeChangesNothing() throws {
  let picture = noisyPicture(width: 7, height: 5)
  #expect(zip(PictureChange().apply(to: picture).pixels, picture.pixels).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
  let sound = try Sound(rate: 16000, samples: [0.1, -0.5, 0.25])
  #expect(try SoundChange().apply(to: sound) == sound)
}

@Test func aCutAndMirroredPictureHasThosePixels() {
  let picture = noisyPicture(width: 8, height: 6)
  var change = PictureChange()
  (change.left, change.top, change.width, change.height, change.isMirrored) = (0.25, 0.5, 0.5, 0.5, true)
  let result = change.apply(to: picture)
  #expect(result.width == 4 && result.height == 3)
  for row in 0..<3 {
    for column in 0..<4 {
      for channel in 0..<3 {
        let found = Int(result.pixels[3 * (4 * row + column) + channel])
        let expected = Int(picture.pixels[3 * (8 * (row + 3) + 5 - column) + channel])
        #expect(abs(found - expected) <= 1)
      }
    }
  }
}

@Test func beyondAPictureItsEdgeGoesOn() {
  let picture = noisyPicture(width: 4, height: 4)
  var change = PictureChange()
  (change.left, change.top, change.width, change.height) = (-0.5, -0.25, 2, 1.5)
  let result = change.apply(to: picture)
  #expect(result.width == 8 && result.height == 6)
  for row in 0..<6 {
    for column in 0..<8 {
      let place = 4 * min(3, max(0, row - 1)) + min(3, max(0, column - 2))
      for channel in 0..<3 {
        #expect(abs(Int(result.pixels[3 * (8 * row + column) + channel]) - Int(picture.pixels[3 * place + channel])) <= 1)
      }
    }
  }
}

@Test func coloursMoveAsTold() {
  let red = RGBImage(width: 1, height: 1, pixels: [200, 60, 60])
  func changed(_ change: (inout PictureChange) -> Void) -> [UInt8] {
    var picture = PictureChange()
    change(&picture)
    return picture.apply(to: red).pixels
  }
  let grey = changed { $0.saturation = 0 }
  #expect(grey[0] == grey[1] && grey[1] == grey[2] && 85...95 ~= grey[0])
  let turned = changed { $0.hue = 120 }
  #expect(turned[1] > turned[0] && turned[1] > turned[2])
  #expect(changed { $0.brightness = 0.5 } == [100, 30, 30])
  #expect(changed { $0.contrast = 1.2 }[0] > 200)
}

@Test func soundsMoveAsTold() throws {
  let sound = try Sound(rate: 16000, samples: (0..<8000).map { Float($0 % 40) / 80 })
  var change = SoundChange()
  (change.shift, change.gain) = (0.01, -20)
  let moved = try change.apply(to: sound)
  #expect(moved.samples.count == 8000 && moved.samples[..<160].allSatisfy { $0 == 0 })
  #expect(abs(moved.samples[160 + 39] - sound.samples[39] / 10) < 1e-6)
  (change.shift, change.gain, change.speed) = (0, 0, 22)
  #expect(try change.apply(to: sound).samples.count == 7273)
  (change.speed, change.noise) = (20, 10)
  let noise = zip(try change.apply(to: sound).samples, sound.samples).map { Double($0 - $1) * Double($0 - $1) }.reduce(0, +)
  let power = sound.samples.map { Double($0) * Double($0) }.reduce(0, +)
  #expect(9...11 ~= power / noise)
}
