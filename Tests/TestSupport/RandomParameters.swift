package import BundleFormat
package import ModelGraph

extension BundleContents {
  /// A quantised graph with random parameters: weights that keep the magnitude of what they multiply, gains near 1, other vectors small.
  package init(name: String, random graph: Graph, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var parameters: [TensorID: ParameterData] = [:]
    for id in graph.parameters { parameters[id] = .random(graph[id], &generator) }
    self.init(name: name, graph: graph, parameters: parameters)
  }
}

extension ParameterData {
  fileprivate static func random(_ tensor: Tensor, _ generator: inout SeededGenerator) -> ParameterData {
    let count = tensor.shape.elementCount(batch: 1, sequence: 1) ?? 0
    guard tensor.dataType == .int8, case .fixed(let rows) = tensor.shape.dimensions[0] else {
      return .float32((0..<count).map { _ in (tensor.name.utf8.suffix(4).elementsEqual("gain".utf8) ? 1 : 0) + generator.normal() / 10 })
    }
    let values = (0..<count).map { _ in Int8.random(in: -127...127, using: &generator) }
    let columns = Float(count / rows)
    let scales = (0..<rows).map { _ in Float.random(in: 0.5...1, using: &generator) / (73 * columns.squareRoot()) }
    return .int8Rows(values: values, scales: scales)
  }
}
