import CKernels

/// What is known of a block of a blocked matrix, 16 outputs by all inputs, once it has been weighed.
struct BlockWeights {
  /// Bytes of a group: 16 outputs by 4 inputs.
  static let groupSize = Layout.blockColumns * Layout.blockDepth
  /// The longest run that can be weighed, in groups.
  private static let longestRun = 64
  private static let weigh = unsafe kernels_available(0).pointee.weigh_block

  /// One sum an output.
  private(set) var sums = InlineArray<16, Int32>(repeating: 0)
  private let run: Int
  private let heaviestLane: Int32

  /// Weighs whole groups that lie behind each other, in runs of that many; 0 where nothing is to be proved.
  init(_ weights: UnsafeRawBufferPointer, run: Int) {
    self.run = run
    var span = sums.mutableSpan
    heaviestLane = unsafe span.withUnsafeMutableBufferPointer { sums in
      unsafe Self.weigh?(
        weights.baseAddress?.assumingMemoryBound(to: Int8.self), weights.count / Self.groupSize, run == 0 ? Self.longestRun : run,
        sums.baseAddress) ?? -1
    }
  }

  /// Whether a weight is −128. Nothing else is known then.
  var holdMinimum: Bool { heaviestLane < 0 }

  /// Whether all runs keep the limit of a lane.
  var areProved: Bool { run == 0 || heaviestLane <= Layout.laneLimit }
}
