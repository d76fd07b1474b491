package import BundleFormat
package import ModelGraph

/// An opened bundle with its program: what sessions run. Weights are used in place from the bundle's mapping.
package final class Model: @unchecked Sendable {
  package let bundle: Bundle
  let program: Program

  package var graph: Graph { bundle.graph }

  /// Plans the bundle's graph. Throws where it is not quantised or its inputs and outputs are not served.
  package init(bundle: Bundle) throws(InferenceError) {
    self.bundle = bundle
    program = try Planner(bundle: bundle).program()
  }

  /// Elements of the output vector.
  package var outputWidth: Int { program.outputWidth }

  /// Bytes of the features that cross a split point (a place in `Graph.splitPoints`) for that many positions: n·h codes, then n
  /// little-endian 16-bit ranges, then n zero points.
  package func featureByteCount(split: Int, sequence: Int) -> Int {
    graph.featureByteCount(at: graph.splitPoints[split], sequence: sequence)
  }
}
