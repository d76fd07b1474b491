/// Checks the numbers of a segment's tensors where they lie: all that the arithmetic relies on. Parts of the segment can be checked in any
/// order and on any thread.
@safe struct SegmentCheck {
  private let payload: UnsafeRawBufferPointer
  private let payloadStart: Int
  /// The tensors of the segment, in the order of the file.
  private let places: ArraySlice<TensorPlace>

  /// `payload` is the file from the first segment on, which starts at `payloadStart`.
  init(_ payload: UnsafeRawBufferPointer, payloadStart: Int, places: ArraySlice<TensorPlace>) {
    unsafe self.payload = payload
    self.payloadStart = payloadStart
    self.places = places
  }

  /// The first number found that is not allowed, of those that lie in a range of the payload from a multiple of 64 bytes on; of matrices
  /// those in the blocks that start there.
  func fault(in range: Range<Int>) -> BundleError? {
    var index = firstPlace(endingAfter: range.lowerBound)
    while index < places.endIndex, places[index].bytes.lowerBound < range.upperBound {
      let part = places[index].bytes.clamped(to: range)
      if let fault = fault(at: index, in: part) { return fault }
      index += 1
    }
    return nil
  }

  private func firstPlace(endingAfter offset: Int) -> Int {
    var (low, high) = (places.startIndex, places.endIndex)
    while low < high {
      let middle = (low + high) / 2
      if places[middle].bytes.upperBound > offset { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private func fault(at index: Int, in part: Range<Int>) -> BundleError? {
    switch places[index].content {
    case .numbers: firstWord(in: part) { $0 & 0x7fff_ffff > Self.largest }.map { badNumber(index, at: $0) }
    case .scales: firstWord(in: part) { !(Self.smallestScale...Self.largest).contains($0) }.map { badNumber(index, at: $0) }
    case .table: unsafe holdsMinimum(bytes(part)) ? badNumber(index, at: part.lowerBound) : nil
    case .blocked: firstWrongBlock(of: index, in: part)
    case .sums, .proofs: nil  // checked with their matrix
    }
  }

  private func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: payload[range]) }

  private func badNumber(_ index: Int, at offset: Int) -> BundleError {
    .badNumber(tensor: places[index].name, offset: payloadStart + offset)
  }

  /// The bits of 2^64 and 2^-64. Those of larger numbers, infinity and NaN are above.
  private static let largest = Float(0x1p64).bitPattern
  private static let smallestScale = Float(0x1p-64).bitPattern

  private func firstWord(in part: Range<Int>, where isBad: (UInt32) -> Bool) -> Int? {
    let bytes = unsafe bytes(part)
    for offset in stride(from: 0, to: bytes.count, by: 4) {
      let word = UInt32(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      if isBad(word) { return part.lowerBound + offset }
    }
    return nil
  }

  /// Checks the blocks that start in a part of a matrix, each with its proof and its outputs' sums.
  private func firstWrongBlock(of index: Int, in part: Range<Int>) -> BundleError? {
    let matrix = places[index].bytes
    let size = places[index].dimensions[1] * BlockWeights.groupSize
    let first = (part.lowerBound - matrix.lowerBound + size - 1) / size
    let end = (part.upperBound - matrix.lowerBound + size - 1) / size
    for block in first..<max(first, end) {
      let start = matrix.lowerBound + block * size
      if let fault = fault(ofBlock: block, in: start..<start + size, of: index) { return fault }
    }
    return nil
  }

  private func fault(ofBlock block: Int, in range: Range<Int>, of index: Int) -> BundleError? {
    var run = 0
    if index > places.startIndex, places[index - 1].content == .proofs {
      let place = places[index - 1].bytes.lowerBound + block
      run = Int(unsafe payload[place])
      guard run == 0 || Layout.runs.contains(run) else { return badNumber(index - 1, at: place) }
    }
    let weights = unsafe BlockWeights(bytes(range), run: run)
    guard !weights.holdMinimum else { return badNumber(index, at: range.lowerBound) }
    guard weights.areProved else { return badNumber(index - 1, at: places[index - 1].bytes.lowerBound + block) }
    let sums = places[index + 2].bytes
    for output in 0..<Layout.blockColumns {
      let place = sums.lowerBound + 4 * (block * Layout.blockColumns + output)
      guard place < sums.upperBound else { break }
      let sum = Int32(littleEndian: unsafe payload.loadUnaligned(fromByteOffset: place, as: Int32.self))
      guard weights.sums[output] == sum else { return badNumber(index + 2, at: place) }
    }
    return nil
  }
}

/// Flips the signs of eight int8: as bytes they are then 128 more.
private let signs: UInt64 = 0x8080_8080_8080_8080
private let ones: UInt64 = 0x0101_0101_0101_0101

/// Whether one of the int8 is −128: with the signs flipped that is the byte 0. A byte is 0 if taking 1 from it sets its high bit, which
/// was not set; a borrow only comes from a byte that is 0 itself.
private func holdsMinimum(_ bytes: UnsafeRawBufferPointer) -> Bool {
  let words = bytes.count / 8 * 8
  var found: UInt64 = 0
  for offset in stride(from: 0, to: words, by: 8) {
    let word = (unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ signs
    found |= (word &- ones) & ~word
  }
  return found & signs != 0 || (unsafe bytes[words...].contains(0x80))
}
