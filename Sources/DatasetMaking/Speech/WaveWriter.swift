import Preprocessing

/// Writes sounds as WAV with 16 bits.
enum WaveWriter {
  /// Samples beyond full scale are cut off.
  static func bytes(of sound: Sound) -> [UInt8] {
    let size = 2 * sound.samples.count
    var bytes = Array("RIFF".utf8) + little(36 + size, 4) + Array("WAVEfmt ".utf8) + little(16, 4)
    bytes += little(1, 2) + little(1, 2) + little(sound.rate, 4) + little(2 * sound.rate, 4) + little(2, 2) + little(16, 2)
    bytes += Array("data".utf8) + little(size, 4)
    bytes.reserveCapacity(44 + size)
    for sample in sound.samples {
      let value = Int16(max(-32768, min(32767, (sample * 32768).rounded())))
      bytes.append(UInt8(truncatingIfNeeded: value))
      bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    }
    return bytes
  }

  private static func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
}
