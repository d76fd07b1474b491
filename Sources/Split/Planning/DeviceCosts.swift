/// What a bundle's parts take on a device, in microseconds, measured at some sequence lengths with all modalities.
package struct DeviceCosts: Sendable, Equatable {
  /// The measured lengths in tokens, rising, at least one.
  package let sequences: [Int]
  /// [segment][length], in the order of `Graph.segments`.
  package let segments: [[Double]]
  /// [input][length]: making what a request brings into the model's input, in the order of `Graph.inputs`.
  package let preparation: [[Double]]
  /// Storing and compressing a byte of features.
  package let encoding: Double

  package init(sequences: [Int], segments: [[Double]], preparation: [[Double]], encoding: Double) {
    self.sequences = sequences
    self.segments = segments
    self.preparation = preparation
    self.encoding = encoding
  }

  /// A measured time at another length: on the line between the neighbours; below the first that of the first, above the last in
  /// proportion to it.
  package func time(_ times: [Double], at sequence: Int) -> Double {
    guard let last = sequences.last, let longest = times.last, times.count == sequences.count else { return 0 }
    guard let next = sequences.firstIndex(where: { $0 >= sequence }) else { return longest * Double(sequence) / Double(last) }
    guard next > 0 else { return times[0] }
    let (low, high) = (sequences[next - 1], sequences[next])
    return times[next - 1] + (times[next] - times[next - 1]) * Double(sequence - low) / Double(high - low)
  }
}
