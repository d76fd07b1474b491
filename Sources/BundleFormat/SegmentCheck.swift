/// Checks the numbers of a segment's tensors while the segment streams by: all that the arithmetic relies on.
/// Pieces come in order and start at multiples of 64 bytes.
struct SegmentCheck {
  private let places: ArraySlice<TensorPlace>
  private let payloadStart: Int
  /// The sums of the last blocked matrix, so far.
  private var sums: [Int32] = []
  /// The sums of its present block.
  private var block = BlockSums(run: 0)
  /// The proofs before a blocked matrix, and where they lie.
  private var proofs: [UInt8] = []
  private var proofPlace: TensorPlace?
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
      fault = badNumber(place, at: range.lowerBound - place.bytes.lowerBound + index)
    }
  }

  private func badNumber(_ place: TensorPlace, at index: Int) -> BundleError {
    .badNumber(tensor: place.name, offset: payloadStart + place.bytes.lowerBound + index)
  }

  /// Where in the part lies a number that is not allowed (for int8: the part's start). `offset` is the part's place in its tensor.
  private mutating func firstFault(in part: UnsafeRawBufferPointer, of place: TensorPlace, at offset: Int) -> Int? {
    switch place.content {
    case .numbers: unsafe Self.firstWord(of: part) { $0 & 0x7fff_ffff > Self.largest }
    case .scales: unsafe Self.firstWord(of: part) { !(Self.smallestScale...Self.largest).contains($0) }
    case .table: unsafe BlockSums.holdsMinimum(part) ? 0 : nil
    case .blocked: unsafe addGroups(part, at: offset, depth: place.dimensions[1]) ? nil : 0
    case .sums: unsafe firstWrongSum(in: part, at: offset / 4)
    case .proofs: unsafe firstNoProof(in: part, of: place, at: offset)
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

  /// Keeps the proofs until their matrix comes.
  private mutating func firstNoProof(in part: UnsafeRawBufferPointer, of place: TensorPlace, at offset: Int) -> Int? {
    if offset == 0 { proofs.removeAll(keepingCapacity: true) }
    proofPlace = place
    unsafe proofs.append(contentsOf: part)
    return unsafe part.firstIndex { $0 != 0 && !Layout.runs.contains(Int($0)) }
  }

  /// Adds groups of 16 outputs by 4 inputs, of which `depth` lie behind each other for the same outputs. Whether none holds −128.
  private mutating func addGroups(_ part: UnsafeRawBufferPointer, at offset: Int, depth: Int) -> Bool {
    guard unsafe !BlockSums.holdsMinimum(part) else { return false }
    if offset == 0 { sums.removeAll(keepingCapacity: true) }
    var group = offset / BlockSums.size
    var rest = unsafe part
    while rest.count >= BlockSums.size {
      if group % depth == 0 { block = BlockSums(run: proof(of: group / depth)) }
      let count = min(depth - group % depth, rest.count / BlockSums.size)
      unsafe block.add(UnsafeRawBufferPointer(rebasing: rest[..<(count * BlockSums.size)]))
      group += count
      if group % depth == 0 { close(group / depth - 1) }
      unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest[(count * BlockSums.size)...])
    }
    return true
  }

  private func proof(of block: Int) -> Int { proofs.indices.contains(block) ? Int(proofs[block]) : 0 }

  private mutating func close(_ index: Int) {
    sums += block.sums
    if !block.isProved, fault == nil, let proofPlace { fault = badNumber(proofPlace, at: index) }
  }
}
