/// Why a graph was refused. Names are those of the graph's own tensors, nodes and segments.
package enum GraphError: Error, Equatable {
  case badName(String)
  case duplicateName(String)
  case tooMany(what: String, count: Int, limit: Int)
  /// A tensor index outside `Graph.tensors`.
  case unknownTensor(node: String, index: Int)
  /// A dimension that is zero, negative or above `Dimension.maximum`, or an element count above `Shape.maximumElements`.
  case badShape(tensor: String, shape: Shape)
  case badLimits(batch: Int, sequence: Int)
  case badScale(tensor: String)
  /// A node reads what a later node (or itself) writes.
  case cycle(node: String, tensor: String)
  /// A node reads what nothing writes.
  case undefinedInput(node: String, tensor: String)
  case writtenTwice(tensor: String)
  /// Nothing reads the tensor, and it is no output.
  case unused(tensor: String)
  case wrongCount(node: String, what: String, expected: Int, found: Int)
  case wrongShape(node: String, tensor: String, expected: String, found: Shape)
  case wrongType(node: String, tensor: String, found: DataType)
  case badAttribute(node: String, attribute: String)
  /// Segments must cover the nodes in order, without gaps, and none may be empty.
  case badSegment(String)
  /// A segment of the main path behind a local one.
  case mainBehindLocal(segment: String)
  /// A node of the local path reads what neither crosses a split point nor is written by that path.
  case localInput(node: String, tensor: String)
}

extension GraphError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .badName(let name): "'\(name)' is no name: use 1 to 128 of A-Z a-z 0-9 . _ -"
    case .duplicateName(let name): "the name '\(name)' is given twice"
    case .tooMany(let what, let count, let limit): "\(count) \(what), more than the \(limit) allowed"
    case .unknownTensor(let node, let index): "node '\(node)' names tensor number \(index), which does not exist"
    case .badShape(let tensor, let shape): "tensor '\(tensor)' has the impossible shape \(shape)"
    case .badLimits(let batch, let sequence): "batch limit \(batch) and sequence limit \(sequence) must lie in 1...65535"
    case .badScale(let tensor): "tensor '\(tensor)' has a quantisation that its type or range forbids"
    case .cycle(let node, let tensor): "node '\(node)' reads '\(tensor)' before it is written: the graph has a cycle"
    case .undefinedInput(let node, let tensor): "node '\(node)' reads '\(tensor)', which nothing writes"
    case .writtenTwice(let tensor): "tensor '\(tensor)' is written more than once"
    case .unused(let tensor): "tensor '\(tensor)' is neither read nor an output"
    case .wrongCount(let node, let what, let expected, let found): "node '\(node)' has \(found) \(what), expected \(expected)"
    case .wrongShape(let node, let tensor, let expected, let found):
      "node '\(node)': tensor '\(tensor)' has shape \(found), expected \(expected)"
    case .wrongType(let node, let tensor, let found): "node '\(node)': tensor '\(tensor)' cannot be \(found.rawValue) here"
    case .badAttribute(let node, let attribute): "node '\(node)': attribute '\(attribute)' is out of range"
    case .badSegment(let name): "segment '\(name)' is empty or does not follow the one before it"
    case .mainBehindLocal(let name): "segment '\(name)' of the main path stands behind a local one: local segments come last"
    case .localInput(let node, let tensor): "local node '\(node)' reads '\(tensor)', which crosses no split point"
    }
  }
}
