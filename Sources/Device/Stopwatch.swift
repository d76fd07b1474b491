import CPosix

/// Time since it was made.
package struct Stopwatch {
  private let start = posix_monotonic_ns()

  package init() {}

  package var milliseconds: Double { Double(posix_monotonic_ns() - start) / 1e6 }
}
