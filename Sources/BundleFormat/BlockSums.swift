/// What is checked of 16 outputs of a blocked matrix, while their groups of 4 inputs go by in order: eight weights at a time, those of two
/// outputs, as four lanes of 16 bits in one machine word. A lane stands for two neighbouring inputs of an output, in every group.
struct BlockSums {
  /// Bytes of a group.
  static let size = Layout.blockColumns * Layout.blockDepth

  /// One sum an output.
  private(set) var sums = [Int32](repeating: 0, count: Layout.blockColumns)
  /// The length of the runs to be proved, a power of two; 0 where nothing is.
  private let run: Int
  /// The groups of the present run, so far.
  private var groups = 0
  /// For two outputs each, the weights of the present run.
  private var open = [LaneSums](repeating: LaneSums(), count: Layout.blockColumns / 2)
  /// Lanes whose highest bit is set have exceeded the limit.
  private var excess: UInt64 = 0

  init(run: Int) { self.run = run }

  /// Whether the runs so far keep the limit of a lane.
  var isProved: Bool { run == 0 || open.reduce(excess) { $0 | $1.excess } & LaneSums.highest == 0 }

  /// Takes in whole groups that lie behind each other, of weights above −128.
  mutating func add(_ weights: UnsafeRawBufferPointer) {
    var start = 0
    while start < weights.count {
      let left = (weights.count - start) / Self.size
      let count = min(left, (run == 0 ? LaneSums.groupsAtOnce : run) - groups)
      unsafe addToRun(UnsafeRawBufferPointer(rebasing: weights[start..<start + count * Self.size]))
      start += count * Self.size
    }
  }

  private mutating func addToRun(_ weights: UnsafeRawBufferPointer) {
    groups += weights.count / Self.size
    let isComplete = groups == (run == 0 ? LaneSums.groupsAtOnce : run)
    for pair in 0..<Layout.blockColumns / 2 {
      var lanes = LaneSums()
      for offset in stride(from: 8 * pair, to: weights.count, by: Self.size) {
        lanes.add(UInt64(littleEndian: unsafe weights.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      }
      sums[2 * pair] += lanes.difference(ofOutput: 0)
      sums[2 * pair + 1] += lanes.difference(ofOutput: 1)
      open[pair].add(lanes)
      if isComplete {
        excess |= open[pair].excess
        open[pair] = LaneSums()
      }
    }
    if isComplete { groups = 0 }
  }
}

/// Sums of two neighbouring outputs: four lanes of 16 bits, of which two belong to each.
private struct LaneSums {
  /// Those of the positive weights, and of the negative ones without their sign.
  var positive: UInt64 = 0
  var negative: UInt64 = 0

  /// How often two weights fit a lane.
  static let groupsAtOnce = 128
  static let highest: UInt64 = 0x8000_8000_8000_8000
  private static let evenBytes: UInt64 = 0x00ff_00ff_00ff_00ff
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let everyLane: UInt64 = 0x0001_0001_0001_0001

  /// Adds eight int8 above −128.
  mutating func add(_ weights: UInt64) {
    let signs = (weights >> 7) & Self.ones
    let isNegative = (signs << 8) &- signs
    positive &+= Self.pairs(weights & ~isNegative)
    negative &+= Self.pairs((~weights & isNegative) &+ signs)
  }

  mutating func add(_ other: LaneSums) {
    positive &+= other.positive
    negative &+= other.negative
  }

  private static func pairs(_ bytes: UInt64) -> UInt64 { (bytes & evenBytes) &+ ((bytes >> 8) & evenBytes) }

  /// Sets the highest bit of lanes above the limit.
  var excess: UInt64 {
    let rest = Self.everyLane &* UInt64(0x7fff - Layout.laneLimit)
    return (positive &+ rest) | (negative &+ rest)
  }

  /// The sum of the weights of the first output or of the second.
  func difference(ofOutput output: Int) -> Int32 {
    let shift = UInt64(32 * output)
    return Self.sum(positive >> shift) &- Self.sum(negative >> shift)
  }

  private static func sum(_ lanes: UInt64) -> Int32 { Int32(lanes & 0xffff) &+ Int32((lanes >> 16) & 0xffff) }
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
