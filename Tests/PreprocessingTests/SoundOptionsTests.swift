import Foundation
import Preprocessing
import TestSupport
import Testing

private func greatestDifference(_ a: [Float], _ b: [Float]) -> Float {
  a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
}

private func tone(_ frequency: Double, rate: Int, count: Int) throws -> Sound {
  try Sound(rate: rate, samples: (0..<count).map { Float(sin(2 * Double.pi * frequency * Double($0) / Double(rate))) })
}

/// The amplitude of the middle half of a tone.
private func amplitude(_ samples: [Float]) -> Double {
  let middle = samples[samples.count / 4..<3 * samples.count / 4]
  return (2 * middle.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(middle.count)).squareRoot()
}

private func rising() throws -> Sound {
  let bytes = try Golden.bytes(of: "rising.s16")
  return try Sound(pcm16: bytes.span, rate: 16000)
}

@Test func resampledSoundsAreThoseOfScipy() throws {
  let rows = try Golden.rows(of: "resampling.tsv")
  #expect(rows.count == 7)
  for row in rows {
    let (rate, new) = (try #require(Int(row[0])), try #require(Int(row[1])))
    let found = try Noise.sound(count: 600, rate: rate).resampled(to: new).samples
    #expect(greatestDifference(found, Golden.floats(hexadecimal: row[2])) < 1e-4, "\(rate) to \(new)")
  }
}

@Test(arguments: [(44100, 16000), (48000, 16000), (16000, 44100), (8000, 16000)])
func tonesBelowTheLimitStayAndThoseAboveGo(rate: Int, new: Int) throws {
  let limit = Double(min(rate, new)) / 2
  for share in [0.01, 0.3, 0.6, 0.84] {
    let kept = amplitude(try tone(share * limit, rate: rate, count: rate / 2).resampled(to: new).samples)
    #expect(abs(20 * log10(kept)) < 0.01, "\(share): \(kept)")
  }
  for share in [1.02, 1.3, 1.9] where share * limit < Double(rate) / 2 {
    let left = amplitude(try tone(share * limit, rate: rate, count: rate / 2).resampled(to: new).samples)
    #expect(20 * log10(left) < -90, "\(share): \(left)")
  }
}

@Test func aConstantStaysTheSame() throws {
  let flat = try Sound(rate: 44100, samples: [Float](repeating: 0.5, count: 4410)).resampled(to: 16000).samples
  #expect(flat.count == 1600)
  #expect(flat[40..<1560].allSatisfy { abs($0 - 0.5) < 1e-6 })
}

@Test func unusualRatesTakeBoundedTime() throws {
  let sound = try Noise.sound(count: 40_000, rate: 383_999)
  let short = try sound.resampled(to: 16001, limit: 100).samples
  #expect(short.count == 100)
  #expect(try sound.resampled(to: 16001).samples.prefix(100) == short[...])
  #expect(try sound.resampled(to: 1000).samples.count == 105)
  #expect(try sound.resampled(to: 16000, limit: -1).samples.isEmpty)
  #expect(throws: MediaError.badSampleRate(0)) { try sound.resampled(to: 0) }
}

@Test func waveformsAreThoseOfWav2Vec2() throws {
  for row in try Golden.rows(of: "wav2vec2.tsv") {
    let count = try #require(Int(row[0]))
    let found = try SoundOptions(rate: 16000, samples: count, features: .waveform(normalized: true)).prepare(rising())
    #expect(found.count == count)
    let every37th = stride(from: 0, to: count, by: 37).map { found[$0] }
    #expect(greatestDifference(every37th, Golden.floats(hexadecimal: row[1])) < 1e-5)
  }
}

@Test func aWaveformIsCutOrGoesOnWithSilence() throws {
  let sound = try Noise.sound(count: 100, rate: 16000)
  let options = try SoundOptions(rate: 16000, samples: 130, features: .waveform(normalized: false))
  #expect(try options.prepare(sound) == sound.samples + [Float](repeating: 0, count: 30))
  #expect(
    try SoundOptions(rate: 16000, samples: 30, features: .waveform(normalized: false)).prepare(sound) == Array(sound.samples.prefix(30)))
}

@Test func spectrogramsAreThoseOfWhisper() throws {
  let options = try SoundOptions(rate: 16000, samples: 16000, features: .logMel(.whisper()))
  let found = try options.prepare(rising())
  #expect(found.count == 100 * 80)
  let difference = greatestDifference(found, try Golden.floats(of: "whisper.f32"))
  #expect(difference < 3e-5, "\(difference)")
}

@Test func spectrogramsAreThoseOfTheAudioSpectrogramTransformer() throws {
  let whole = try MelOptions.audioSpectrogramTransformer()
  let mel = try MelOptions(
    style: .kaldi(frames: 64, mean: -4.2677393, deviation: 4.5689974), bins: whole.bins, frameLength: whole.frameLength, hop: whole.hop,
    transformSize: whole.transformSize)
  let found = MelSpectrogram(mel, rate: 16000).features(of: try rising().samples)
  let difference = greatestDifference(found, try Golden.floats(of: "kaldi.f32"))
  #expect(difference < 1e-5, "\(difference)")
}

@Test func silenceAndSoundsOfOneSampleAreOrdinary() throws {
  for samples: [Float] in [[], [1], [Float](repeating: 0, count: 500)] {
    let sound = try Sound(rate: 44100, samples: samples)
    let waveform = try SoundOptions(rate: 16000, samples: 700, features: .waveform(normalized: true)).prepare(sound)
    #expect(waveform.count == 700 && waveform.allSatisfy { $0.isFinite })
    let mel = try SoundOptions(rate: 16000, samples: 700, features: .logMel(.whisper())).prepare(sound)
    #expect(mel.count == 4 * 80 && mel.allSatisfy { $0.isFinite })
  }
}

@Test func anyFrameSizeGivesFiniteSpectrograms() throws {
  var generator = SeededGenerator(seed: 8)
  let sound = try Noise.sound(count: 3000, rate: 16000)
  for _ in 0..<scaled(60) {
    let length = Int.random(in: 2...500, using: &generator)
    let size = Int.random(in: length...600, using: &generator)
    let style: MelOptions.Style = Bool.random(using: &generator) ? .whisper : .kaldi(frames: 20, mean: 0, deviation: 1)
    let mel = try MelOptions(
      style: style, bins: Int.random(in: 1...90, using: &generator), frameLength: length, hop: Int.random(in: 1...300, using: &generator),
      transformSize: size)
    let samples = Int.random(in: length + 1...4000, using: &generator)
    let found = try SoundOptions(rate: 16000, samples: samples, features: .logMel(mel)).prepare(sound)
    #expect(found.count == MelSpectrogram(mel, rate: 16000).frames(of: samples) * mel.bins)
    #expect(found.allSatisfy { $0.isFinite }, "\(mel)")
  }
}

@Test func impossibleSoundOptionsAreRefused() throws {
  #expect(throws: MediaError.badSampleRate(10)) { try SoundOptions(rate: 10, samples: 5, features: .waveform(normalized: false)) }
  #expect(throws: MediaError.badSoundOptions("0 samples")) {
    try SoundOptions(rate: 8000, samples: 0, features: .waveform(normalized: false))
  }
  #expect(throws: MediaError.badSoundOptions("400 samples, no more than a frame of 400")) {
    try SoundOptions(rate: 16000, samples: 400, features: .logMel(.whisper()))
  }
  #expect(throws: MediaError.badSoundOptions("0 mel filters")) { try MelOptions.whisper(bins: 0) }
  #expect(throws: MediaError.badSoundOptions("frames of 5 samples in transforms of 4")) {
    try MelOptions(style: .whisper, bins: 1, frameLength: 5, hop: 1, transformSize: 4)
  }
  #expect(throws: MediaError.badSoundOptions("a hop of 0 samples")) {
    try MelOptions(style: .whisper, bins: 1, frameLength: 5, hop: 0, transformSize: 5)
  }
}
