/// One dimension of a tensor: a number, or a size that a request decides.
package enum Dimension: Hashable, Sendable {
  case fixed(Int)
  /// How many items a request carries.
  case batch
  /// How many positions (tokens, patches, frames) an item has.
  case sequence

  /// The largest fixed dimension that a graph may have.
  package static let maximum = 1 << 24
}

/// The dimensions of a tensor, outermost first, row-major.
package struct Shape: Hashable, Sendable {
  package let dimensions: [Dimension]

  package init(_ dimensions: [Dimension]) { self.dimensions = dimensions }

  package init(_ sizes: Int...) { self.init(sizes.map { .fixed($0) }) }

  package var rank: Int { dimensions.count }

  /// The innermost dimension where it is fixed: the width of a row.
  package var width: Int? {
    guard case .fixed(let size)? = dimensions.last else { return nil }
    return size
  }

  /// This shape with another innermost dimension.
  package func withWidth(_ width: Int) -> Shape { Shape(dimensions.dropLast() + [.fixed(width)]) }

  /// The most elements that a tensor may have: what a 32-bit device can address of bytes.
  package static let maximumElements = 1 << 30

  /// The number of elements for a request of that size, or nil where it is above `maximumElements` or a dimension is not positive.
  package func elementCount(batch: Int, sequence: Int) -> Int? {
    var count = 1
    for dimension in dimensions {
      let size = dimension.size(batch: batch, sequence: sequence)
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size > 0, !overflow, product <= Self.maximumElements else { return nil }
      count = product
    }
    return count
  }
}

extension Dimension {
  /// The size of this dimension in a request.
  package func size(batch: Int, sequence: Int) -> Int {
    switch self {
    case .fixed(let size): size
    case .batch: batch
    case .sequence: sequence
    }
  }
}

extension Dimension: CustomStringConvertible {
  package var description: String {
    switch self {
    case .fixed(let size): "\(size)"
    case .batch: "batch"
    case .sequence: "sequence"
    }
  }
}

extension Shape: CustomStringConvertible {
  /// As `[batch,sequence,384]`.
  package var description: String {
    var text = "["
    for (position, dimension) in dimensions.enumerated() {
      if position > 0 { text += "," }
      text += dimension.description
    }
    return text + "]"
  }
}
