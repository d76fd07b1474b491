/// Checks the numbers of a segment's tensors while the segment streams by: all that the arithmetic relies on.
/// Pieces come in order and start at multiples of 64 bytes.
struct SegmentCheck {
  private let places: ArraySlice<TensorPlace>
  private let payloadStart: Int
  /// The sums of the last blocked matrix, so far.
  private var sums: [Int32] = []
  /// The first number found that is not allowed.
  private(set) var fault: BundleError?

  init(_ places: ArraySlice<TensorPlace>, payloadStart: Int) {
    self.places = places
    self.payloadStart = payloadStart
  }

  /// Takes in the bytes that lie at `start`, counted from the first segment.
  mutating func add(_ piece: UnsafeRawBufferPointer, at start: Int) {
    for place in places {
      let range = place.bytes.clamped(to: start..<start + piece.count)
      guard !range.isEmpty, fault == nil else { continue }
      let part = unsafe UnsafeRawBufferPointer(rebasing: piece[range.lowerBound - start..<range.upperBound - start])
      guard let index = unsafe firstFault(in: part, of: place, at: range.lowerBound - place.bytes.lowerBound) else { continue }
      fault = .badNumber(tensor: place.name, offset: payloadStart + range.lowerBound + index)
    }
  }

  /// Where in the part lies a number that is not allowed (for int8: the part's start). `offset` is the part's place in its tensor.
  private mutating func firstFault(in part: UnsafeRawBufferPointer, of place: TensorPlace, at offset: Int) -> Int? {
    switch place.content {
    case .numbers: unsafe Self.firstWord(of: part) { $0 & 0x7fff_ffff > Self.largest }
    case .scales: unsafe Self.firstWord(of: part) { !(Self.smallestScale...Self.largest).contains($0) }
    case .table: unsafe BlockSums.holdsMinimum(part) ? 0 : nil
    case .blocked: unsafe addBlocks(part, at: offset, depth: place.dimensions[1]) ? nil : 0
    case .sums: unsafe firstWrongSum(in: part, at: offset / 4)
    }
  }

  /// The bits of 2^64 and 2^-64. Those of larger numbers, infinity and NaN are above.
  private static let largest = Float(0x1p64).bitPattern
  private static let smallestScale = Float(0x1p-64).bitPattern

  private static func firstWord(of part: UnsafeRawBufferPointer, where isBad: (UInt32) -> Bool) -> Int? {
    for offset in stride(from: 0, to: part.count, by: 4) {
      if isBad(UInt32(littleEndian: unsafe part.loadUnaligned(fromByteOffset: offset, as: UInt32.self))) { return offset }
    }
    return nil
  }

  private func firstWrongSum(in part: UnsafeRawBufferPointer, at first: Int) -> Int? {
    for index in 0..<part.count / 4 {
      let sum = Int32(littleEndian: unsafe part.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self))
      guard sums.indices.contains(first + index), sums[first + index] == sum else { return 4 * index }
    }
    return nil
  }

  /// Adds blocks of 16 outputs by 4 inputs, of which `depth` lie behind each other for the same outputs. Whether none holds −128.
  private mutating func addBlocks(_ part: UnsafeRawBufferPointer, at offset: Int, depth: Int) -> Bool {
    if offset == 0 { sums.removeAll(keepingCapacity: true) }
    var block = offset / BlockSums.size
    var rest = unsafe part
    while rest.count >= BlockSums.size {
      let count = min(depth - block % depth, rest.count / BlockSums.size)
      let run = unsafe BlockSums(UnsafeRawBufferPointer(rebasing: rest[..<(count * BlockSums.size)]))
      guard !run.holdsMinimum else { return false }
      add(run.sums, block: block, depth: depth)
      block += count
      unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest[(count * BlockSums.size)...])
    }
    return true
  }

  private mutating func add(_ run: [Int32], block: Int, depth: Int) {
    let first = block / depth * Layout.blockColumns
    if first == sums.count { sums.append(contentsOf: repeatElement(0, count: Layout.blockColumns)) }
    for column in 0..<Layout.blockColumns { sums[first + column] &+= run[column] }
  }
}
