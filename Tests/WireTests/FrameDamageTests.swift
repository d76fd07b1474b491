import TestSupport
import Testing

import Wire

@Test func everySingleBitFlipIsRefused() {
  #expect(!goldenFrames.isEmpty)
  for (name, golden) in goldenFrames {
    for bit in 0..<(golden.count * 8) {
      var damaged = golden
      damaged[bit / 8] ^= 1 << (bit % 8)
      let decoded = decode(damaged)
      #expect(decoded.frames.isEmpty && decoded.error != nil, "\(name) with bit \(bit) flipped")
    }
  }
}

@Test func noTruncationIsAFrame() {
  for (name, golden) in goldenFrames {
    for length in 0..<golden.count {
      let decoded = decode(Array(golden.prefix(length)))
      #expect(decoded.frames.isEmpty && decoded.error == nil, "\(name) cut to \(length) bytes")
    }
  }
}

@Test func chunksMakeNoDifference() {
  var random = SeededGenerator(seed: 11)
  for _ in 0..<scaled(2_000) {
    var stream = (0..<3).flatMap { _ in goldenFrames.values.randomElement(using: &random) ?? [] }
    if Bool.random(using: &random), let index = stream.indices.randomElement(using: &random) {
      stream[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    }
    #expect(decode(chunks(of: stream, using: &random)) == decode(stream))
    #expect(decode(stream.map { [$0] }) == decode(stream))
  }
}

private func chunks(of bytes: [UInt8], using random: inout SeededGenerator) -> [[UInt8]] {
  var chunks: [[UInt8]] = []
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = Int.random(in: 0...min(rest.count, 60), using: &random)
    chunks.append(Array(rest.prefix(count)))
    rest = rest.dropFirst(count)
  }
  return chunks
}

@Test func declaredLengthsAreCheckedBeforeTheBody() {
  for (type, sizes) in [(FrameType.request, 1...4096), (.result, 1...4096), (.hello, 36...36), (.error, 2...258), (.ping, 0...0)] {
    for exponent in 0..<32 {
      let power: UInt32 = 1 << UInt32(exponent)
      for length in [power - 1, power, power + 1] {
        let decoded = decode(header(type, declaring: length))
        let fits = sizes.contains(Int(length))
        #expect(decoded.error == (fits ? nil : .bodyLength(type, declared: length, limit: sizes.upperBound)))
        #expect(decoded.events.isEmpty == !fits)
      }
    }
  }
}

@Test func aSpoiledHeaderIsNamed() {
  func error(_ offset: Int, _ value: UInt8) -> WireError? {
    decode(resealed(goldenFrames["ping"] ?? []) { $0[offset] = value }).error
  }
  #expect(error(4, 2) == .layout(found: 2))
  #expect(error(5, 99) == .type(found: 99))
  for flags: UInt8 in [2, 4, 6, 7, 9, 24 + 1, 32, 128] { #expect(error(6, flags) == .flags(found: flags)) }
  for (offset, value): (Int, UInt8) in [(6, 1), (6, 16), (7, 1), (30, 1)] { #expect(error(offset, value) == .fields(.ping)) }
  #expect(error(24, 1) == .fields(.ping))
  #expect(error(16, 0) == .fields(.ping))
  #expect(decode(Array("GET / HTTP/1.1".utf8)).error == .magic(found: 0x2054_4547))
}

@Test func aBodyBelongsToItsHeader() throws {
  let body = Array(repeating: UInt8(7), count: 16)
  func frame(_ number: UInt32) -> [UInt8] {
    Frame(.request(number, session: 1, plan: .none, sequence: 1, present: 1, deadline: 1), body: body).encoded
  }
  let (one, two) = (frame(1), frame(2))
  #expect(decode(Array(one[..<40] + two[40...])).error == .bodyChecksum)
}

@Test func anErrorStays() {
  var decoder = FrameDecoder(bodyLimit: 16)
  for bytes in [[UInt8](repeating: 1, count: 40), goldenFrames["ping"] ?? []] {
    #expect(throws: WireError.magic(found: 0x0101_0101)) {
      var offset = 0
      return try decoder.next(bytes.span, &offset)
    }
  }
}

/// Whatever is accepted is the one encoding of its frame; nothing crashes.
@Test func fuzzedFramesAreRefusedOrCanonical() {
  var random = SeededGenerator(seed: 1)
  let seeds = goldenFrames.keys.sorted().compactMap { goldenFrames[$0] }
  var accepted = 0
  for round in 0..<scaled(1_000_000) {
    var bytes = round % 16 == 0 ? random.bytes(48) : seeds[round % seeds.count]
    let edits = Int(truncatingIfNeeded: random.next() & 3)
    for _ in 0..<edits { mutate(&bytes, using: &random) }
    if round % 2 == 0 { bytes = resealed(bytes) { _ in } }
    let decoded = decode(bytes, bodyLimit: 128)
    accepted += decoded.frames.count
    let encoded = decoded.frames.flatMap { $0.encoded }
    if encoded != Array(bytes.prefix(encoded.count)) {
      Issue.record("round \(round): accepted bytes that are not the frame's encoding")
    }
  }
  #expect(accepted > 0)
}

private func mutate(_ bytes: inout [UInt8], using random: inout SeededGenerator) {
  let choice = random.next()
  let index = Int(truncatingIfNeeded: choice >> 8 & 0xFFFF) % max(1, bytes.count)
  guard index < bytes.count else { return }
  switch choice & 3 {
  case 0: bytes[index] ^= 1 << UInt8(choice >> 32 & 7)
  case 1: bytes[index] = UInt8(truncatingIfNeeded: choice >> 32)
  case 2: bytes.removeLast(bytes.count - index)
  default: bytes.insert(UInt8(truncatingIfNeeded: choice >> 40), at: index)
  }
}

/// A header alone, undamaged, that declares a body of any length.
private func header(_ type: FrameType, declaring length: UInt32) -> [UInt8] {
  let header =
    switch type {
    case .hello, .error: FrameHeader(type)
    case .welcome, .goodbye: FrameHeader(type, session: 1)
    case .ping, .pong: FrameHeader(type, session: 1, request: 1)
    case .request, .result: FrameHeader.request(1, session: 1, plan: .none, sequence: 1, present: 1, deadline: 1).typed(type)
    }
  return resealed(Frame(header).encoded) { $0.replaceSubrange(32..<36, with: littleEndian(length)) }
}

extension FrameHeader {
  /// The header of a result in place of a request's.
  fileprivate func typed(_ type: FrameType) -> FrameHeader {
    guard type == .result else { return self }
    var header = FrameHeader(.result, session: session, request: request)
    header.sequence = sequence
    return header
  }
}

/// The bytes after a change to the 36 that the header's checksum covers, with checksums that fit again.
private func resealed(_ bytes: [UInt8], change: (inout [UInt8]) -> Void) -> [UInt8] {
  guard bytes.count >= FrameHeader.size else { return bytes }
  var head = Array(bytes[..<36])
  change(&head)
  var checksum = CRC32C(of: head.span)
  let sealed = head + littleEndian(checksum.value)
  guard bytes.count > FrameHeader.size + 4 else { return sealed + bytes.dropFirst(FrameHeader.size) }
  let body = Array(bytes[FrameHeader.size..<(bytes.count - 4)])
  checksum.update(body.span)
  return sealed + body + littleEndian(checksum.value)
}

private func littleEndian(_ value: UInt32) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
