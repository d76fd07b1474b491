/// How a picture becomes an input of a model: resized, cut, and brought to the scale that the model was trained with.
package struct ImageOptions: Sendable, Equatable {
  package enum Fit: Sendable, Equatable {
    /// Both sides are resized to the wanted size, whatever the shape was.
    case exact
    /// The shorter side becomes that many pixels and the longer one follows, rounded down; then the middle is cut out.
    case shortestEdge(Int)
  }

  package static let maximumSide = 4096

  /// The size of the result.
  package let width: Int
  package let height: Int
  package let fit: Fit
  package let filter: ResizeFilter
  /// For red, green and blue, on a scale where white is 1.
  package let mean: SIMD3<Float>
  package let deviation: SIMD3<Float>

  /// - Throws: `badImageOptions` where a side is not 1 to `maximumSide`, the shortest edge does not cover the result, or a mean or
  ///   deviation is not finite or a deviation not above 0.
  package init(
    width: Int, height: Int, fit: Fit, filter: ResizeFilter, mean: SIMD3<Float>, deviation: SIMD3<Float>
  ) throws(MediaError) {
    guard 1...Self.maximumSide ~= width, 1...Self.maximumSide ~= height else { throw .badImageOptions("\(width) × \(height) pixels") }
    if case .shortestEdge(let edge) = fit, !(max(width, height)...Self.maximumSide ~= edge) {
      throw .badImageOptions("a shortest edge of \(edge) pixels")
    }
    for channel in 0..<3 where !mean[channel].isFinite { throw .badImageOptions("a mean that is not finite") }
    for channel in 0..<3 where !(deviation[channel].isFinite && deviation[channel] > 0) {
      throw .badImageOptions("a deviation that is not above 0")
    }
    (self.width, self.height, self.fit, self.filter, self.mean, self.deviation) = (width, height, fit, filter, mean, deviation)
  }

  /// From plain values, as files hold them: `shortestEdge` nil fits exactly; three means and three deviations.
  package init(
    width: Int, height: Int, shortestEdge: Int?, isBicubic: Bool, mean: [Float], deviation: [Float]
  ) throws(MediaError) {
    guard mean.count == 3, deviation.count == 3 else { throw .badImageOptions("not three means and three deviations") }
    try self.init(
      width: width, height: height, fit: shortestEdge.map { .shortestEdge($0) } ?? .exact, filter: isBicubic ? .bicubic : .bilinear,
      mean: SIMD3(mean[0], mean[1], mean[2]), deviation: SIMD3(deviation[0], deviation[1], deviation[2]))
  }

  /// The input of the model for a pixel's channel is `scale` × its value of 0 to 255 + `offset`.
  package var scale: SIMD3<Float> { 1 / (255 * deviation) }
  package var offset: SIMD3<Float> { -mean / deviation }

  /// Resizes and cuts a picture: [height, width, 3] of 0 to 255. Fails only for a picture without pixels.
  package func prepare(_ image: RGBImage) throws(MediaError) -> RGBImage {
    guard image.width > 0, image.height > 0 else { throw .badImageSize(width: image.width, height: image.height) }
    let (wide, high) = resizedSize(of: image)
    let (left, top) = ((wide - width) / 2, (high - height) / 2)
    return image.resized(width: wide, height: high, columns: left..<left + width, rows: top..<top + height, filter: filter)
  }

  /// The input of a model that takes floats: [height, width, 3].
  package func normalized(_ image: RGBImage) throws(MediaError) -> [Float] {
    let pixels = try prepare(image).pixels
    let (scale, offset) = (scale, offset)
    return pixels.indices.map { Float(pixels[$0]) * scale[$0 % 3] + offset[$0 % 3] }
  }

  private func resizedSize(of image: RGBImage) -> (width: Int, height: Int) {
    guard case .shortestEdge(let edge) = fit else { return (width, height) }
    if image.width <= image.height { return (edge, edge * image.height / image.width) }
    return (edge * image.width / image.height, edge)
  }
}

extension ImageOptions {
  private static let half = SIMD3<Float>(repeating: 0.5)

  /// What `ViTImageProcessor` does unless told otherwise: 224 × 224, bilinear.
  package static func vit() throws(MediaError) -> ImageOptions {
    try ImageOptions(width: 224, height: 224, fit: .exact, filter: .bilinear, mean: half, deviation: half)
  }

  /// What `MobileNetV2ImageProcessor` does unless told otherwise: the shortest edge to 256, bilinear, then the middle 224 × 224.
  package static func mobileNetV2() throws(MediaError) -> ImageOptions {
    try ImageOptions(width: 224, height: 224, fit: .shortestEdge(256), filter: .bilinear, mean: half, deviation: half)
  }

  /// What `CLIPImageProcessor` does unless told otherwise: the shortest edge to 224, bicubic, then the middle 224 × 224.
  package static func clip() throws(MediaError) -> ImageOptions {
    try ImageOptions(
      width: 224, height: 224, fit: .shortestEdge(224), filter: .bicubic, mean: [0.48145466, 0.4578275, 0.40821073],
      deviation: [0.26862954, 0.26130258, 0.27577711])
  }

  /// What models of the ImageNet family do: the shortest edge to `size` ÷ `cropFraction`, rounded down, then the middle `size` × `size`.
  package static func imageNet(size: Int = 224, cropFraction: Double = 0.875, filter: ResizeFilter) throws(MediaError) -> ImageOptions {
    let edge = Double(size) / cropFraction
    guard edge.isFinite, abs(edge) <= Double(maximumSide) else { throw .badImageOptions("a crop fraction of \(cropFraction)") }
    return try ImageOptions(
      width: size, height: size, fit: .shortestEdge(Int(edge)), filter: filter, mean: [0.485, 0.456, 0.406],
      deviation: [0.229, 0.224, 0.225])
  }
}
