import Foundation

/// What a file of ONNX holds, as far as the tests look: read with a reader of Protocol Buffers that shares nothing with the writer.
struct ReadModel {
  struct Node {
    var type = ""
    var inputs: [String] = []
    var output = ""
  }

  struct Constant {
    var name = ""
    var type = 0
    var sizes: [Int] = []
    var bytes: [UInt8] = []
  }

  private(set) var nodes: [Node] = []
  private(set) var constants: [Constant] = []
  private(set) var inputs: [String] = []
  private(set) var outputs: [String] = []
  private(set) var properties: [String: String] = [:]

  init(_ bytes: [UInt8]) {
    for field in Fields(bytes) {
      switch field.number {
      case 7: readGraph(field.bytes)
      case 14:
        let pair = Fields(field.bytes).map { String(decoding: $0.bytes, as: UTF8.self) }
        properties[pair[0]] = pair[1]
      default: break
      }
    }
  }

  private mutating func readGraph(_ bytes: [UInt8]) {
    for field in Fields(bytes) {
      switch field.number {
      case 1: nodes.append(Self.node(field.bytes))
      case 5: constants.append(Self.constant(field.bytes))
      case 11: inputs.append(Self.name(field.bytes))
      case 12: outputs.append(Self.name(field.bytes))
      default: break
      }
    }
  }

  private static func node(_ bytes: [UInt8]) -> Node {
    var node = Node()
    for field in Fields(bytes) {
      let text = String(decoding: field.bytes, as: UTF8.self)
      switch field.number {
      case 1: node.inputs.append(text)
      case 2: node.output = text
      case 4: node.type = text
      default: break
      }
    }
    return node
  }

  private static func constant(_ bytes: [UInt8]) -> Constant {
    var constant = Constant()
    for field in Fields(bytes) {
      switch field.number {
      case 1: constant.sizes.append(field.value)
      case 2: constant.type = field.value
      case 8: constant.name = String(decoding: field.bytes, as: UTF8.self)
      case 9: constant.bytes = field.bytes
      default: break
      }
    }
    return constant
  }

  private static func name(_ bytes: [UInt8]) -> String {
    Fields(bytes).first { $0.number == 1 }.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
  }
}

/// The fields of a message: numbers, or bytes that were counted.
private struct Fields: Sequence, IteratorProtocol {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  mutating func next() -> (number: Int, value: Int, bytes: [UInt8])? {
    guard !rest.isEmpty else { return nil }
    let key = varint()
    switch key & 7 {
    case 0: return (key >> 3, varint(), [])
    case 2: return (key >> 3, 0, take(varint()))
    default: return (key >> 3, 0, take(key & 7 == 1 ? 8 : 4))
    }
  }

  private mutating func varint() -> Int {
    var (value, shift) = (0, 0)
    while let byte = rest.popFirst() {
      value |= Int(byte & 0x7f) << shift
      shift += 7
      if byte < 0x80 { break }
    }
    return value
  }

  private mutating func take(_ count: Int) -> [UInt8] {
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }
}
