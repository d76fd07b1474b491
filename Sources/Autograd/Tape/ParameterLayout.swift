package import ModelGraph

/// Where each parameter lies in one flat buffer. Gradients, moments and averages have buffers of the same layout, so that what is done to
/// all of them is a loop over one.
package struct ParameterLayout: Sendable {
  package struct Entry: Hashable, Sendable {
    /// Unique; of a graph's parameter its own.
    package let name: String
    /// Outermost first.
    package let sizes: [Int]
    package let range: Range<Int>
    /// Whether gradients move it.
    package var isTrained: Bool
    /// Whether weight decay applies: to matrices and kernels, not to biases, norms and gates.
    package var decays: Bool { sizes.count > 1 }
  }

  package private(set) var entries: [Entry] = []
  /// Elements of the buffer. Entries begin at cache lines; what lies between them stays 0.
  package private(set) var count = 0
  private var places: [TensorID: Int] = [:]

  /// The parameters of a graph, of which those named in `frozen` are not trained.
  package init(_ graph: Graph, frozen: Set<String> = []) throws(InterpreterError) {
    for id in graph.parameters {
      let tensor = graph[id]
      guard tensor.dataType == .float32 else { throw .notFloat(tensor: tensor.name) }
      let sizes = tensor.shape.dimensions.map { $0.size(batch: 1, sequence: 1) }
      places[id] = add(tensor.name, sizes, isTrained: !frozen.contains(tensor.name))
    }
  }

  /// Adds one that is no parameter of the graph, and returns its place.
  mutating func add(_ name: String, _ sizes: [Int], isTrained: Bool) -> Int {
    let start = (count + 15) / 16 * 16
    count = start + sizes.reduce(1, *)
    entries.append(Entry(name: name, sizes: sizes, range: start..<count, isTrained: isTrained))
    return entries.count - 1
  }

  /// The place of a graph's parameter in `entries`.
  package subscript(_ id: TensorID) -> Int? { places[id] }

  /// The place of the parameter of that name.
  package subscript(_ name: String) -> Int? { entries.firstIndex { $0.name == name } }
}

/// Values in that layout.
package final class ParameterMemory: Sendable {
  package let layout: ParameterLayout
  package let memory: FloatMemory

  /// Zeros.
  package init(_ layout: ParameterLayout) {
    self.layout = layout
    memory = FloatMemory(count: layout.count)
  }

  /// The elements of the entry at that place.
  package subscript(_ place: Int) -> UnsafeMutableBufferPointer<Float> {
    let range = layout.entries[place].range
    return UnsafeMutableBufferPointer(start: memory.start + range.lowerBound, count: range.count)
  }

  /// Takes the values of a graph's parameters, which must all be there.
  package func load(_ values: [TensorID: [Float]], of graph: Graph) throws(InterpreterError) {
    for id in graph.parameters {
      guard let place = layout[id], let given = values[id], given.count == self[place].count else {
        throw .badParameter(tensor: graph[id].name, shape: graph[id].shape, found: values[id]?.count)
      }
      _ = self[place].update(from: given)
    }
  }

  /// The values of a graph's parameters.
  package func values(of graph: Graph) -> [TensorID: [Float]] {
    var values: [TensorID: [Float]] = [:]
    for id in graph.parameters { values[id] = layout[id].map { Array(self[$0]) } }
    return values
  }
}
