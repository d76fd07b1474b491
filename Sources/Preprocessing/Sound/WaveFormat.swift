/// How the samples of a WAV sound are written: its chunk `fmt `.
struct WaveFormat {
  enum Encoding {
    /// Integers of 8 (from 0, middle 128), 16, 24 or 32 bits.
    case integers
    /// Floats of 32 or 64 bits.
    case floats
  }

  static let maximumChannels = 64
  private static let pcm = 1
  private static let float = 3
  private static let extensible = 0xFFFE
  /// What follows the encoding in the sub-format of WAVE_FORMAT_EXTENSIBLE.
  private static let subformat: [UInt8] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]

  let encoding: Encoding
  let channels: Int
  let rate: Int
  let bytesPerSample: Int

  /// The bytes of a sample of all channels.
  var frameBytes: Int { channels * bytesPerSample }

  init(_ chunk: Span<UInt8>) throws(MediaError) {
    guard chunk.count >= 16 else { throw .damagedSound(field: "size of the format", value: chunk.count) }
    let tag = try Self.tag(chunk)
    let bits = chunk.uint16(at: 14)
    switch (tag, bits) {
    case (Self.pcm, 8), (Self.pcm, 16), (Self.pcm, 24), (Self.pcm, 32): encoding = .integers
    case (Self.float, 32), (Self.float, 64): encoding = .floats
    default: throw .unsupportedSound(encoding: tag, bits: bits)
    }
    channels = chunk.uint16(at: 2)
    bytesPerSample = bits / 8
    rate = Int(clamping: chunk.uint32(at: 4))
    try check(frameBytes: chunk.uint16(at: 12))
  }

  private static func tag(_ chunk: Span<UInt8>) throws(MediaError) -> Int {
    let tag = chunk.uint16(at: 0)
    guard tag == extensible else { return tag }
    guard chunk.count >= 40 else { throw .damagedSound(field: "size of the format", value: chunk.count) }
    for index in subformat.indices where chunk[26 + index] != subformat[index] { throw .unsupportedSound(encoding: tag, bits: 0) }
    return chunk.uint16(at: 24)
  }

  private func check(frameBytes found: Int) throws(MediaError) {
    guard 1...Self.maximumChannels ~= channels else { throw .damagedSound(field: "number of channels", value: channels) }
    guard Sound.rates ~= rate else { throw .badSampleRate(rate) }
    guard found == frameBytes else { throw .damagedSound(field: "size of a frame", value: found) }
  }

  /// A sample; full scale is −1 to 1.
  func sample(in bytes: Span<UInt8>, at position: Int) -> Double {
    switch (encoding, bytesPerSample) {
    case (.integers, 1): (Double(bytes[position]) - 128) / 128
    case (.integers, 2): Double(Int16(truncatingIfNeeded: bytes.uint16(at: position))) / 0x8000
    case (.integers, 3): Double(Int32(Int8(bitPattern: bytes[position + 2])) << 16 | Int32(bytes.uint16(at: position))) / 0x80_0000
    case (.integers, _): Double(Int32(bitPattern: bytes.uint32(at: position))) / 0x8000_0000
    case (.floats, 4): Double(Float(bitPattern: bytes.uint32(at: position)))
    case (.floats, _): Double(bitPattern: UInt64(bytes.uint32(at: position)) | UInt64(bytes.uint32(at: position + 4)) << 32)
    }
  }
}

extension Span<UInt8> {
  func uint16(at position: Int) -> Int { Int(self[position]) | Int(self[position + 1]) << 8 }

  func uint32(at position: Int) -> UInt32 {
    UInt32(self[position]) | UInt32(self[position + 1]) << 8 | UInt32(self[position + 2]) << 16 | UInt32(self[position + 3]) << 24
  }
}
