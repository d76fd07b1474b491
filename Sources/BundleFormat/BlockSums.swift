/// What is checked of 16 outputs of a blocked matrix, while their groups of 4 inputs go by in order: a group at a time, two neighbouring
/// inputs of an output in a lane of 16 bits.
struct BlockSums {
  /// Bytes of a group.
  static let size = Layout.blockColumns * Layout.blockDepth

  /// Lane 2n + h stands for inputs 2h and 2h + 1 of output n, in every group.
  private typealias Lanes = SIMD32<Int16>

  /// The length of the runs to be proved, a power of two; 0 where nothing is.
  private let run: Int
  private var groups = 0
  /// The positive weights of each lane in the present run, and the negative ones without their sign; the largest of both so far.
  private var positive = Lanes()
  private var negative = Lanes()
  private var largest = Lanes()
  /// Sums of each lane, at times moved on to the sums of the outputs.
  private var lanes = Lanes()
  private var totals = [Int32](repeating: 0, count: Layout.blockColumns)

  init(run: Int) { self.run = run }

  /// One sum an output.
  var sums: [Int32] {
    (0..<Layout.blockColumns).map { totals[$0] + Int32(lanes[2 * $0]) + Int32(lanes[2 * $0 + 1]) }
  }

  /// Whether the runs so far keep the limit of a lane.
  var isProved: Bool { run == 0 || pointwiseMax(largest, pointwiseMax(positive, negative)).max() <= Layout.laneLimit }

  /// How often a sum of two weights fits a lane.
  private static let groupsAtOnce = 128

  /// Takes in whole groups that lie behind each other, of weights above −128.
  mutating func add(_ weights: UnsafeRawBufferPointer) {
    for start in stride(from: 0, to: weights.count, by: Self.size) {
      if groups % Self.groupsAtOnce == 0 { moveOn() }
      if run > 0, groups & (run - 1) == 0 { close() }
      add(unsafe weights.loadUnaligned(fromByteOffset: start, as: Lanes.self))
    }
  }

  private mutating func add(_ pairs: Lanes) {
    let first = (pairs &<< 8) &>> 8
    let second = pairs &>> 8
    let sum = first &+ second
    let above = pointwiseMax(first, Lanes()) &+ pointwiseMax(second, Lanes())
    lanes &+= sum
    positive &+= above
    negative &+= above &- sum
    groups += 1
  }

  /// Ends a run.
  private mutating func close() {
    largest = pointwiseMax(largest, pointwiseMax(positive, negative))
    positive = Lanes()
    negative = Lanes()
  }

  private mutating func moveOn() {
    totals = sums
    lanes = Lanes()
  }
}

extension BlockSums {
  /// Flips the signs of eight int8: as bytes they are then 128 more.
  private static let signs: UInt64 = 0x8080_8080_8080_8080
  private static let ones: UInt64 = 0x0101_0101_0101_0101

  /// Whether one of the int8 is −128: with the signs flipped that is the byte 0. A byte is 0 if taking 1 from it sets its high bit, which
  /// was not set; a borrow only comes from a byte that is 0 itself.
  static func holdsMinimum(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let words = bytes.count / 8 * 8
    var found: UInt64 = 0
    for offset in stride(from: 0, to: words, by: 8) {
      let word = (unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ Self.signs
      found |= (word &- Self.ones) & ~word
    }
    return found & Self.signs != 0 || (unsafe bytes[words...].contains(0x80))
  }
}
