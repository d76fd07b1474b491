/// A reading of a monotonic clock, in nanoseconds from any origin. Sessions are told the time and never ask for it.
package struct Moment: Sendable, Hashable, Comparable {
  package let nanoseconds: Int64

  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  package static func < (left: Moment, right: Moment) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// The moment `milliseconds` later, at most the last that there is.
  package func adding(milliseconds: UInt32) -> Moment {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(Int64(milliseconds) * 1_000_000)
    return Moment(nanoseconds: overflow ? .max : sum)
  }

  /// Whole milliseconds until `later`; 0 if it has passed.
  package func milliseconds(until later: Moment) -> UInt32 {
    let (difference, overflow) = later.nanoseconds.subtractingReportingOverflow(nanoseconds)
    if later <= self { return 0 }
    return overflow ? .max : UInt32(clamping: difference / 1_000_000)
  }
}

/// The earlier of two moments, of which either may be missing.
func earlier(_ left: Moment?, _ right: Moment?) -> Moment? {
  guard let left else { return right }
  guard let right else { return left }
  return min(left, right)
}
