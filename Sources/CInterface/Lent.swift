import BundleFormat
import CTributary
import ModelGraph

/// A bundle's texts, each with a terminating 0 at an address of its own for as long as this lives.
final class LentTexts {
  let name: UnsafePointer<CChar>
  let outputs: [UnsafePointer<CChar>]
  let labels: [UnsafePointer<CChar>]

  init(_ bundle: Bundle) {
    name = Self.lend(bundle.name)
    outputs = bundle.graph.outputs.map { Self.lend(bundle.graph[$0].name) }
    labels = bundle.labels.map { Self.lend($0) }
  }

  private static func lend(_ text: String) -> UnsafePointer<CChar> {
    let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: text.utf8.count + 1)
    for (index, byte) in text.utf8.enumerated() { (bytes + index).initialize(to: CChar(bitPattern: byte)) }
    (bytes + text.utf8.count).initialize(to: 0)
    return UnsafePointer(bytes)
  }

  deinit {
    for text in [name] + outputs + labels { text.deallocate() }
  }
}

/// A message of bounded length at one address.
final class LentMessage {
  let bytes = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(TRIBUTARY_MESSAGE_SIZE))

  init() { bytes.initialize(repeating: 0) }

  func set(_ text: String) { UnsafeMutableRawBufferPointer(bytes).fill(text) }

  deinit { bytes.deallocate() }
}

extension UnsafeMutableRawBufferPointer {
  /// Stores as many of a text's characters as fit, then zeros, one at least.
  func fill(_ text: String) {
    var end = 0
    for scalar in text.unicodeScalars {
      let encoded = UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      guard end + encoded.count < count else { break }
      for byte in encoded {
        self[end] = byte
        end += 1
      }
    }
    for index in end..<count { self[index] = 0 }
  }
}

/// Numbers at an address that changes only when there are more of them than ever before.
final class LentNumbers {
  private var room = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
  private var count = 0

  /// Those that were kept last; nil where there are none.
  var values: UnsafeBufferPointer<Float>? { count == 0 ? nil : UnsafeBufferPointer(rebasing: room[..<count]) }

  func keep(_ numbers: [Float]) {
    if numbers.count > room.count {
      room.deallocate()
      room = .allocate(capacity: numbers.count)
    }
    count = numbers.count
    _ = room.update(fromContentsOf: numbers)
  }

  deinit { room.deallocate() }
}
