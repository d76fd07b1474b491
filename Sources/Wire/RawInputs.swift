/// The inputs of a request as they came, for the peer to prepare: a text, a picture file, a sound file.
///
/// On the wire each is u8 kind, 3 bytes 0, u32 length, its bytes; kinds rise.
package struct RawInputs: Sendable, Equatable {
  /// What an input is. The numbers are part of the protocol.
  package enum Kind: UInt8, Sendable, CaseIterable {
    /// UTF-8.
    case text = 1
    /// JPEG or PNG.
    case image = 2
    /// WAV.
    case sound = 3
  }

  package struct Item: Sendable, Equatable {
    package let kind: Kind
    package let bytes: [UInt8]

    package init(kind: Kind, bytes: [UInt8]) {
      self.kind = kind
      self.bytes = bytes
    }
  }

  private static let itemHeader = 8

  /// At least one, at most one of a kind, in the order of the kinds.
  package let items: [Item]

  package init(_ items: [Item]) {
    self.items = Kind.allCases.flatMap { kind in items.filter { $0.kind == kind } }
  }

  package subscript(_ kind: Kind) -> [UInt8]? { items.first { $0.kind == kind }?.bytes }

  /// Bytes of the body.
  package var encodedSize: Int { items.reduce(0) { $0 + Self.itemHeader + $1.bytes.count } }

  /// The body of a request.
  package var encoded: [UInt8] {
    var body: [UInt8] = []
    body.reserveCapacity(encodedSize)
    for item in items {
      body += [item.kind.rawValue, 0, 0, 0]
      body.appendLittleEndian(UInt32(clamping: item.bytes.count))
      body += item.bytes
    }
    return body
  }

  /// Reads the body of a request.
  package init(decoding body: [UInt8]) throws(FeatureError) {
    var items: [Item] = []
    var offset = 0
    while offset < body.count {
      guard body.count - offset > Self.itemHeader, let kind = Kind(rawValue: body[offset]),
        kind.rawValue > items.last?.kind.rawValue ?? 0, body[offset + 1] == 0, body[offset + 2] == 0, body[offset + 3] == 0
      else { throw .malformedInputs }
      let length: UInt32 = body.loadLittleEndian(at: offset + 4)
      offset += Self.itemHeader
      guard let count = Int(exactly: length), count > 0, count <= body.count - offset else { throw .malformedInputs }
      items.append(Item(kind: kind, bytes: Array(body[offset..<offset + count])))
      offset += count
    }
    guard !items.isEmpty else { throw .malformedInputs }
    self.items = items
  }
}
