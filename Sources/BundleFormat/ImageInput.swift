import ModelGraph

/// How a picture becomes the input `pixels` [batch, height, width, 3]: resized, cut to size around the centre, each colour in 0...1, minus
/// its mean, by its deviation.
package struct ImageInput: Sendable, Equatable {
  package enum Resize: Sendable, Hashable {
    /// To height × width, whatever the picture's proportions.
    case exact
    /// In proportion, until the shorter edge has that many pixels.
    case shortestEdge(Int)
  }

  package enum Filter: String, Sendable, CaseIterable {
    case bilinear, bicubic
  }

  package var height: Int
  package var width: Int
  package var resize: Resize
  package var filter: Filter
  /// One for red, green and blue each.
  package var mean: [Float]
  package var deviation: [Float]

  package init(height: Int, width: Int, resize: Resize, filter: Filter, mean: [Float], deviation: [Float]) {
    self.height = height
    self.width = width
    self.resize = resize
    self.filter = filter
    self.mean = mean
    self.deviation = deviation
  }

  /// Nil where the resize is exact.
  package var shortestEdge: Int? {
    guard case .shortestEdge(let edge) = resize else { return nil }
    return edge
  }

  /// The largest edge in pixels.
  package static let largestEdge = 8192
}

/// The keys of a bundle's `ImageInput`.
package enum ImageKeys {
  static let prefix = "tributary.image."
  package static let height = "tributary.image.height"
  package static let width = "tributary.image.width"
  /// Absent where the resize is exact.
  package static let shortestEdge = "tributary.image.shortest_edge"
  package static let filter = "tributary.image.filter"
  package static let mean = "tributary.image.mean"
  package static let deviation = "tributary.image.deviation"

  static let all = [height, width, shortestEdge, filter, mean, deviation]
}

extension ImageInput {
  /// Nil where the header has none of the keys.
  init?(_ header: GGUFHeader, _ bytes: Span<UInt8>) throws(BundleError) {
    guard header.hasKeys(startingWith: ImageKeys.prefix) else { return nil }
    let filter = try header.string(ImageKeys.filter, bytes)
    guard let known = Filter(rawValue: filter) else { throw header.badValue(ImageKeys.filter) }
    let hasEdge = header[ImageKeys.shortestEdge] != nil
    self.init(
      height: try header.size(ImageKeys.height, bytes), width: try header.size(ImageKeys.width, bytes),
      resize: hasEdge ? .shortestEdge(try header.size(ImageKeys.shortestEdge, bytes)) : .exact, filter: known,
      mean: try header.floats(ImageKeys.mean, bytes), deviation: try header.floats(ImageKeys.deviation, bytes))
  }

  func add(to encoder: inout GGUFEncoder) {
    encoder.add(ImageKeys.height, UInt32(height))
    encoder.add(ImageKeys.width, UInt32(width))
    if case .shortestEdge(let edge) = resize { encoder.add(ImageKeys.shortestEdge, UInt32(edge)) }
    encoder.add(ImageKeys.filter, filter.rawValue)
    encoder.add(ImageKeys.mean, mean)
    encoder.add(ImageKeys.deviation, deviation)
  }

  /// The key whose value is out of range or fits none of the graph's inputs.
  func unfitKey(_ graph: Graph) -> String? {
    let edges = 1...Self.largestEdge
    guard edges.contains(height) else { return ImageKeys.height }
    guard edges.contains(width) else { return ImageKeys.width }
    if case .shortestEdge(let edge) = resize, !(max(height, width)...Self.largestEdge).contains(edge) { return ImageKeys.shortestEdge }
    guard mean.count == 3, mean.allSatisfy({ $0.isFinite }) else { return ImageKeys.mean }
    guard deviation.count == 3, deviation.allSatisfy({ $0.isFinite && $0 > 0 }) else { return ImageKeys.deviation }
    return graph.hasInput(.image(Window.Size(height: height, width: width), 3)) ? nil : ImageKeys.height
  }
}
