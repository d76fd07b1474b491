import JSONFormat
/// The checks of a safetensors header.
struct SafetensorsHeader {
  /// The format allows 100 MB; real headers have some ten kilobytes.
  static let largest = 16 << 20
  private static let prefix = 8

  private let file: String
  private let root: Field
  /// Where the tensors' bytes begin, and how many there are.
  private let start: Int
  private let count: Int

  init(_ bytes: FileBytes) throws(ImportError) {
    let file = bytes.path
    guard bytes.count >= Self.prefix else { throw .badHeader(file: file, problem: "\(bytes.count) bytes hold no header length") }
    let length = try bytes.read(0..<Self.prefix).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(Self.largest) else {
      throw .badHeader(file: file, problem: "the header length \(length) is above the \(Self.largest) allowed")
    }
    let start = Self.prefix + Int(length)
    guard start <= bytes.count else {
      throw .badHeader(file: file, problem: "the header ends at byte \(start), but the file at \(bytes.count)")
    }
    let header = try bytes.read(Self.prefix..<start)
    guard header.first == UInt8(ascii: "{") else { throw .badHeader(file: file, problem: "the header does not begin with '{'") }
    self.file = file
    self.root = try ModelFile.json(header, file: file)
    self.start = start
    self.count = bytes.count - start
  }

  /// The tensors in the order of their bytes, which must cover the data exactly.
  func entries() throws(ImportError) -> [Safetensors.Entry] {
    var entries: [Safetensors.Entry] = []
    for member in try root.members() {
      if member.key != "__metadata__" { entries.append(try entry(member)) }
    }
    entries.sort { ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound) }
    var next = start
    for entry in entries {
      guard entry.bytes.lowerBound == next else {
        throw bad(entry.name, "data_offsets", entry.bytes.lowerBound < next ? "overlaps the tensor before it" : "leaves a gap before it")
      }
      next = entry.bytes.upperBound
    }
    guard next == start + count else { throw .badHeader(file: file, problem: "\(start + count - next) bytes after the last tensor") }
    return entries
  }

  /// Texts beside the tensors; none where the header has none.
  func metadata() throws(ImportError) -> [String: String] {
    var texts: [String: String] = [:]
    for found in try root.members() where found.key == "__metadata__" {
      for member in try Field(file: file, path: found.key, value: found.value).members() {
        guard case .string(let text) = member.value else { throw bad(found.key, member.key, "is \(member.value.summary), expected a text") }
        texts[member.key] = text
      }
    }
    return texts
  }

  private func entry(_ member: Json.Member) throws(ImportError) -> Safetensors.Entry {
    let name = member.key
    let field = Field(file: file, path: name, value: member.value)
    for inner in try field.members() where !["dtype", "shape", "data_offsets"].contains(inner.key) {
      throw bad(name, String(inner.key.prefix(40)), "is unknown")
    }
    guard let type = ElementType(rawValue: try field["dtype"].string()) else {
      throw bad(name, "dtype", "\(field["dtype"].value?.summary ?? "") is unknown")
    }
    let shape = try integers("shape", of: field, tensor: name, limit: 8)
    let offsets = try integers("data_offsets", of: field, tensor: name, limit: 2)
    guard offsets.count == 2, offsets[0] <= offsets[1], offsets[1] <= count else {
      throw bad(name, "data_offsets", "\(offsets) is no range inside the \(count) bytes of data")
    }
    guard let size = byteCount(shape, type), size == offsets[1] - offsets[0] else {
      throw bad(name, "data_offsets", "\(offsets[1] - offsets[0]) bytes do not hold \(type.rawValue) of shape \(shape)")
    }
    return Safetensors.Entry(name: name, type: type, shape: shape, bytes: start + offsets[0]..<start + offsets[1])
  }

  private func byteCount(_ shape: [Int], _ type: ElementType) -> Int? {
    var total = type.size
    for size in shape {
      let (product, overflow) = total.multipliedReportingOverflow(by: size)
      guard !overflow else { return nil }
      total = product
    }
    return total
  }

  private func integers(_ name: String, of field: Field, tensor: String, limit: Int) throws(ImportError) -> [Int] {
    let elements = try field[name].elements()
    guard elements.count <= limit else { throw bad(tensor, name, "has \(elements.count) numbers, more than \(limit)") }
    var numbers: [Int] = []
    for element in elements {
      guard case .integer(let number) = element, number >= 0 else {
        throw bad(tensor, name, "\(element.summary) is no size")
      }
      numbers.append(number)
    }
    return numbers
  }

  private func bad(_ tensor: String, _ field: String, _ problem: String) -> ImportError {
    .badTensor(file: file, tensor: tensor, field: field, problem: problem)
  }
}
