extension Sound {
  /// The size of the data that a program writes which does not know it yet.
  private static let unknownSize = UInt32.max

  /// Reads a WAV sound (RIFF/WAVE; integers of 8, 16, 24 and 32 bits, floats of 32 and 64 bits, WAVE_FORMAT_EXTENSIBLE of these). Several
  /// channels become one, their mean.
  ///
  /// Data shorter than its header tells is refused, unless the header tells 0xFFFFFFFF: then it goes to the end.
  package init(wave bytes: Span<UInt8>, maximumSamples: Int = maximumSamples) throws(MediaError) {
    if bytes.isEmpty { throw .empty }
    guard bytes.count >= 12, bytes.has("RIFF", at: 0), bytes.has("WAVE", at: 8) else { throw .notWave }
    var position = 12
    guard let chunk = try Self.chunk("fmt ", in: bytes, from: &position) else { throw .missingSoundChunk("fmt ") }
    let format = try WaveFormat(bytes.extracting(chunk))
    guard let data = try Self.chunk("data", in: bytes, from: &position) else { throw .missingSoundChunk("data") }
    try self.init(rate: format.rate, samples: Self.samples(bytes.extracting(data), format, limit: maximumSamples))
  }

  /// Where the content of the next chunk of that name lies; `position` is moved behind it.
  private static func chunk(_ name: StaticString, in bytes: Span<UInt8>, from position: inout Int) throws(MediaError) -> Range<Int>? {
    while bytes.count - position >= 8 {
      let start = position + 8
      let found = bytes.has(name, at: position)
      let size = bytes.uint32(at: position + 4)
      if found, size == unknownSize { return start..<bytes.count }
      let room = bytes.count - start
      guard size <= UInt32(clamping: room) else { throw .truncatedSound(found: room, expected: Int(clamping: size)) }
      let end = start + Int(size)
      position = min(bytes.count, end + end % 2)
      if found { return start..<end }
    }
    return nil
  }

  private static func samples(_ data: Span<UInt8>, _ format: WaveFormat, limit: Int) throws(MediaError) -> [Float] {
    let count = data.count / format.frameBytes
    guard count > 0 else { throw .empty }
    guard count <= limit else { throw .soundTooLong(samples: count, limit: limit) }
    return (0..<count).map { frame in
      var sum = 0.0
      for channel in 0..<format.channels {
        sum += format.sample(in: data, at: frame * format.frameBytes + channel * format.bytesPerSample)
      }
      return Float(sum / Double(format.channels))
    }
  }
}

extension Span<UInt8> {
  fileprivate func has(_ name: StaticString, at position: Int) -> Bool {
    let start = unsafe name.utf8Start
    for offset in 0..<name.utf8CodeUnitCount where unsafe self[position + offset] != start[offset] { return false }
    return true
  }
}
