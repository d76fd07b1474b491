/// Why a model cannot become as narrow as wanted. Names are those of the model's parameters and nodes.
package enum PruningError: Error, Equatable {
  /// The narrower model computes something else; nil where it has fewer or more nodes.
  case otherModel(node: String?)
  case missingParameter(String)
  /// A width that must stay.
  case fixed(parameter: String, obstacle: String)
  /// A width that would become wider, or lose a part of a unit.
  case size(parameter: String, before: Int, after: Int, unit: Int)
  /// Widths that only become narrower together differ in the narrower model.
  case uneven(parameter: String)
}

extension PruningError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .otherModel(let node):
      "the narrower model is another: it differs in " + (node.map { "node '\($0)'" } ?? "the number of nodes")
    case .missingParameter(let name): "parameter '\(name)' has no values"
    case .fixed(let parameter, let obstacle): "a width of '\(parameter)' cannot become narrower: \(obstacle)"
    case .size(let parameter, let before, let after, let unit):
      "a width of '\(parameter)' cannot become \(after): wanted are less than \(before), in multiples of \(unit)"
    case .uneven(let parameter): "'\(parameter)' is not as narrow in the narrower model as what it belongs to"
    }
  }
}
