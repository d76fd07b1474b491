package import BundleFormat
package import ModelGraph

/// An opened bundle with its program: what sessions run. Weights are used in place from the bundle's mapping.
///
/// A segment's parameters are checked and its constants computed when a session first needs it, unless `activate` was called before.
/// Sessions of one model on several threads must find all segments activated.
package final class Model: @unchecked Sendable {
  package let bundle: Bundle
  let program: Program
  private var isActive: [Bool]
  private var isChecked: [Bool]
  /// The segments in which a segment's parameters lie, which nodes of several segments may share.
  private let holders: [Set<Int>]

  package var graph: Graph { bundle.graph }

  /// Plans the bundle's graph. Throws where it is not quantised or its inputs and outputs are not served.
  package init(bundle: Bundle) throws(InferenceError) {
    self.bundle = bundle
    program = try Planner(bundle: bundle).program()
    isActive = Array(repeating: false, count: bundle.graph.segments.count)
    isChecked = isActive
    holders = bundle.graph.holders
  }

  /// Elements of the first output's rows.
  package var outputWidth: Int { program.outputs.first?.width ?? 0 }

  /// Bytes of the features that cross a split point (a place in `Graph.splitPoints`) for a request with all modalities and that many
  /// tokens: for each tensor that crosses, of n rows, n·h codes, then n little-endian 16-bit ranges, then n zero points.
  package func featureByteCount(split: Int, sequence: Int) -> Int {
    graph.featureByteCount(at: graph.splitPoints[split], sequence: sequence)
  }

  /// Checks every segment and makes it ready.
  package func activate() throws(InferenceError) { for segment in isActive.indices { try activate(segment: segment) } }

  /// Checks what those steps need for a request that brings those inputs.
  func activate(steps: Range<Int>, present: UInt64) throws(InferenceError) {
    for step in steps where program.dependencies[step] & present != 0 && !isActive[program.segments[step]] {
      try activate(segment: program.segments[step])
    }
  }

  private func activate(segment: Int) throws(InferenceError) {
    guard !isActive[segment] else { return }
    for holder in holders[segment] where !isChecked[holder] {
      do throws(BundleError) { try bundle.verify(segment: holder) } catch { throw .damaged(error) }
      isChecked[holder] = true
    }
    program.constants.fill(segment: segment)
    isActive[segment] = true
  }
}

extension Graph {
  /// For each segment those that hold its parameters: a parameter lies in the first segment that uses it.
  fileprivate var holders: [Set<Int>] {
    var first: [TensorID: Int] = [:]
    return segments.enumerated().map { index, segment in
      var holders: Set<Int> = [index]
      for id in parameters(of: segment.nodes) {
        if let earlier = first[id] { holders.insert(earlier) } else { first[id] = index }
      }
      return holders
    }
  }
}
