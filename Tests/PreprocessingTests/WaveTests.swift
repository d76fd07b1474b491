import Preprocessing
import TestSupport
import Testing

/// The sounds that tools/oracles/sounds.py writes.
private struct GoldenWave {
  let name: String
  let bytes: [UInt8]
  let rate: Int?
  let samples: [Float]

  static func all() throws -> [GoldenWave] {
    try Golden.rows(of: "waves.tsv").map { row in
      GoldenWave(
        name: row[0], bytes: Golden.bytes(hexadecimal: row[1]), rate: Int(row[2]), samples: Golden.floats(hexadecimal: row[3]))
    }
  }
}

private func read(_ bytes: [UInt8], limit: Int = 1000) throws(MediaError) -> Sound { try Sound(wave: bytes.span, maximumSamples: limit) }

/// Whether bytes give a sound within the limit. Any error but `MediaError` does not compile.
private func isRead(_ bytes: [UInt8]) -> Bool {
  do throws(MediaError) {
    let sound = try read(bytes)
    #expect(1...1000 ~= sound.samples.count && Sound.rates ~= sound.rate && sound.samples.allSatisfy { $0.isFinite })
    return true
  } catch {
    return false
  }
}

@Test func samplesAreThoseOfTheOracle() throws {
  let waves = try GoldenWave.all()
  #expect(waves.count == 11)
  for wave in waves {
    let sound = try read(wave.bytes)
    #expect(sound.rate == wave.rate)
    #expect(sound.samples == wave.samples, "\(wave.name)")
  }
}

@Test func aSoundCutOffAnywhereIsRefusedUnlessItsLengthIsUnknown() throws {
  for wave in try GoldenWave.all() {
    for count in wave.bytes.indices where wave.name != "streamed" && !(wave.name == "pcm24 odd" && count == wave.bytes.count - 1) {
      #expect(throws: MediaError.self, "\(wave.name), \(count)") { try read(Array(wave.bytes.prefix(count))) }
    }
    if wave.name == "streamed" {
      let half = Array(wave.bytes.prefix(144))
      #expect(try read(half).samples == wave.samples.prefix(50).map { $0 })
    }
  }
}

@Test func aSoundWithAnyBitFlippedIsReadOrRefused() throws {
  for wave in try GoldenWave.all() {
    var bytes = wave.bytes
    for index in bytes.indices {
      for bit in 0..<8 {
        bytes[index] ^= 1 << bit
        _ = isRead(bytes)
        bytes[index] ^= 1 << bit
      }
    }
  }
}

@Test func randomlyDamagedSoundsAreReadOrRefused() throws {
  var generator = SeededGenerator(seed: 7)
  let originals = try GoldenWave.all().map(\.bytes)
  for _ in 0..<scaled(20_000) {
    guard var bytes = originals.randomElement(using: &generator) else { return }
    for _ in 0..<Int.random(in: 1..<6, using: &generator) {
      let index = Int.random(in: 0..<min(bytes.count, 80), using: &generator)
      bytes[index] = [0, 1, 0x7F, 0xFF, UInt8.random(in: 0...255, using: &generator)].randomElement(using: &generator) ?? 0
    }
    _ = isRead(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)).map { $0 })
  }
}

/// A sound of 16 bits of one channel with a change to its bytes.
private func changed(_ change: (inout [UInt8]) -> Void) throws -> [UInt8] {
  var bytes = try #require(try GoldenWave.all().first { $0.name == "pcm16" }).bytes
  change(&bytes)
  return bytes
}

@Test func whatIsWrongWithASoundIsToldApart() throws {
  #expect(throws: MediaError.empty) { try read([]) }
  #expect(throws: MediaError.notWave) { try read(Array("RIFX".utf8)) }
  #expect(throws: MediaError.missingSoundChunk("fmt ")) { try read(changed { $0.removeSubrange(12...) }) }
  #expect(throws: MediaError.missingSoundChunk("data")) { try read(changed { $0.removeSubrange(36...) }) }
  #expect(throws: MediaError.unsupportedSound(encoding: 6, bits: 16)) { try read(changed { $0[20] = 6 }) }
  #expect(throws: MediaError.unsupportedSound(encoding: 1, bits: 12)) { try read(changed { $0[34] = 12 }) }
  #expect(throws: MediaError.damagedSound(field: "number of channels", value: 0)) { try read(changed { $0[22] = 0 }) }
  #expect(throws: MediaError.damagedSound(field: "size of a frame", value: 2)) { try read(changed { $0[22] = 2 }) }
  #expect(throws: MediaError.badSampleRate(0)) { try read(changed { $0.replaceSubrange(24..<28, with: [0, 0, 0, 0]) }) }
  #expect(throws: MediaError.truncatedSound(found: 240, expected: 496)) { try read(changed { $0[41] = 1 }) }
  #expect(throws: MediaError.soundTooLong(samples: 120, limit: 119)) { try read(changed { _ in }, limit: 119) }
}

@Test func samplesThatAreNoNumbersAreRefused() {
  #expect(throws: MediaError.notFinite(sample: 1)) { try Sound(rate: 8000, samples: [0, .infinity]) }
  #expect(throws: MediaError.notFinite(sample: 0)) { try Sound(rate: 8000, samples: [.nan]) }
}

@Test func bareSamplesAreRead() throws {
  let sound = try Sound(pcm16: [0, 0x80, 0xFF, 0x7F, 1, 0].span, rate: 8000)
  #expect(sound.samples == [-1, 32767 / 32768, 1 / 32768])
  #expect(throws: MediaError.empty) { try Sound(pcm16: [UInt8]().span, rate: 8000) }
  #expect(throws: MediaError.truncatedSound(found: 3, expected: 4)) { try Sound(pcm16: [1, 2, 3].span, rate: 8000) }
  #expect(throws: MediaError.badSampleRate(999)) { try Sound(pcm16: [1, 2].span, rate: 999) }
  #expect(throws: MediaError.soundTooLong(samples: 2, limit: 1)) { try Sound(pcm16: [1, 2, 3, 4].span, rate: 8000, maximumSamples: 1) }
}
