/// One dimension of a tensor: a number, or a size that a request decides.
package enum Dimension: Hashable, Sendable {
  case fixed(Int)
  /// How many items a request carries.
  case batch
  /// How many tokens an item has.
  case sequence
  /// That many positions more than tokens: the rows of several streams.
  case extendedSequence(by: Int)

  /// The largest fixed dimension that a graph may have.
  package static let maximum = 1 << 24
}

/// The dimensions of a tensor, outermost first, row-major.
package struct Shape: Hashable, Sendable {
  package let dimensions: [Dimension]

  package init(_ dimensions: [Dimension]) { self.dimensions = dimensions }

  package init(_ sizes: Int...) { self.init(sizes.map { .fixed($0) }) }

  package var rank: Int { dimensions.count }

  /// The sizes of all dimensions in a request of one item and one token; of a parameter, whatever the request.
  package var sizes: [Int] { dimensions.map { $0.size(batch: 1, sequence: 1) } }

  /// Rows [batch, positions, width].
  package static func rows(_ positions: Dimension, _ width: Int) -> Shape { Shape([.batch, positions, .fixed(width)]) }

  /// An image [batch, height, width, channels].
  package static func image(_ size: Window.Size, _ channels: Int) -> Shape {
    Shape([.batch, .fixed(size.height), .fixed(size.width), .fixed(channels)])
  }

  /// One vector an item [batch, width].
  package static func vector(_ width: Int) -> Shape { Shape([.batch, .fixed(width)]) }

  /// The positions of rows or of a signal.
  package var positions: Dimension? { rank == 3 && dimensions[0] == .batch ? dimensions[1] : nil }

  /// The size of an image; that of a signal with fixed positions is 1 high.
  package var imageSize: Window.Size? {
    guard dimensions.first == .batch, (3...4).contains(rank) else { return nil }
    guard case .fixed(let width) = dimensions[rank - 2] else { return nil }
    guard rank == 4 else { return Window.Size(height: 1, width: width) }
    guard case .fixed(let height) = dimensions[1] else { return nil }
    return Window.Size(height: height, width: width)
  }

  /// Whether all but the outermost dimension are numbers.
  var hasFixedItems: Bool {
    dimensions.dropFirst().allSatisfy { if case .fixed = $0 { true } else { false } }
  }

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
    case .extendedSequence(let extra): sequence + extra
    }
  }

  /// One after the other; nil where both grow with the sequence or one is the batch.
  package func joined(with other: Dimension) -> Dimension? {
    switch (self, other) {
    case (.fixed(let a), .fixed(let b)): .fixed(a + b)
    case (.fixed(let extra), .sequence), (.sequence, .fixed(let extra)): .extendedSequence(by: extra)
    case (.fixed(let a), .extendedSequence(let b)), (.extendedSequence(let b), .fixed(let a)): .extendedSequence(by: a + b)
    default: nil
    }
  }
}

extension Dimension: CustomStringConvertible {
  package var description: String {
    switch self {
    case .fixed(let size): "\(size)"
    case .batch: "batch"
    case .sequence: "sequence"
    case .extendedSequence(let extra): "sequence+\(extra)"
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
