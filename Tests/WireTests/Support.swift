import Foundation
import TestSupport
import Testing

import Wire

extension SeededGenerator {
  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }
}

/// What a decoder made of some bytes.
struct Decoded: Equatable {
  var events: [FrameDecoder.Event] = []
  var error: WireError?

  var frames: [Frame] {
    events.compactMap { if case .frame(let frame) = $0 { frame } else { nil } }
  }
}

/// Feeds chunks to a new decoder until it has used them up or failed.
func decode(_ chunks: [[UInt8]], bodyLimit: Int = 4096) -> Decoded {
  var decoder = FrameDecoder(bodyLimit: bodyLimit)
  var decoded = Decoded()
  do throws(WireError) {
    for chunk in chunks {
      var offset = 0
      while let event = try decoder.next(chunk.span, &offset) { decoded.events.append(event) }
    }
  } catch {
    decoded.error = error
  }
  return decoded
}

func decode(_ bytes: [UInt8], bodyLimit: Int = 4096) -> Decoded {
  decode([bytes], bodyLimit: bodyLimit)
}

/// The frames that the oracle script packed, by name.
let goldenFrames: [String: [UInt8]] = {
  guard let url = Bundle.module.url(forResource: "frames", withExtension: "txt", subdirectory: "Golden"),
    let text = try? String(contentsOf: url, encoding: .utf8)
  else { return [:] }
  return Dictionary(
    uniqueKeysWithValues: text.split(separator: "\n").map { line in
      let parts = line.split(separator: " ")
      return (String(parts[0]), bytes(hex: parts[1]))
    })
}()

private func bytes(hex: Substring) -> [UInt8] {
  let digits = hex.utf8.map { $0 < 0x60 ? $0 - 0x30 : $0 - 0x57 }
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
