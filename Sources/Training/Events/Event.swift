import ProtobufFormat
import Wire

/// What a file of events holds: a record each, as TensorBoard reads them (`tensorflow.Event` in a TFRecord).
package struct Event: Sendable {
  package enum Content: Sendable {
    /// What a file begins with.
    case version
    /// From this step on, earlier files are outdated: a training has gone on from before it.
    case restart
    /// Values by tag.
    case values([(tag: String, value: Value)])
  }

  package enum Value: Sendable {
    case scalar(Double)
    case histogram(Histogram)
    /// Markdown.
    case text(String)
  }

  /// Seconds since 1970.
  package let time: Double
  package let step: Int
  package let content: Content

  package init(time: Double, step: Int, _ content: Content) {
    self.time = time
    self.step = step
    self.content = content
  }
}

extension Event {
  /// Its record: the length and its checksum, the message and its checksum.
  package var record: [UInt8] {
    let message = self.message.bytes
    var record = ProtobufMessage()
    record.append(littleEndian: UInt64(message.count))
    record.append(littleEndian: Self.checksum(record.bytes))
    return record.bytes + message + Self.littleEndian(Self.checksum(message))
  }

  private static func littleEndian(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

  /// CRC-32C, masked so that the checksum of bytes with checksums in them stays good.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    let value = CRC32C(of: bytes.span).value
    return (value >> 15 | value << 17) &+ 0xa282_ead8
  }

  private var message: ProtobufMessage {
    var message = ProtobufMessage()
    message.add(1, time)
    if step != 0 { message.add(2, step) }
    switch content {
    case .version: message.add(3, "brain.Event:2")
    case .restart: message.add(7) { session in session.add(1, 1) }
    case .values(let values):
      message.add(5) { summary in
        for (tag, value) in values { summary.add(1) { value.write(tag, into: &$0) } }
      }
    }
    return message
  }
}

extension Event.Value {
  /// As `Summary.Value`.
  fileprivate func write(_ tag: String, into message: inout ProtobufMessage) {
    message.add(1, tag)
    switch self {
    case .scalar(let value): message.add(2, Float(value))
    case .histogram(let histogram): message.add(5, histogram.write)
    case .text(let text):
      // A tensor of one string, for the plugin that shows texts.
      message.add(8) { tensor in
        tensor.add(1, 7)
        tensor.add(2) { shape in shape.add(2) { $0.add(1, 1) } }
        tensor.add(8, text)
      }
      message.add(9) { metadata in metadata.add(1) { $0.add(1, "text") } }
    }
  }
}
