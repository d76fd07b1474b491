/// A small picture with transparency.
struct Sprite: Sendable {
  let width: Int
  let height: Int
  /// Rows from the top: red, green and blue times the opacity, and the opacity, 0 to 1 each.
  let pixels: [SIMD4<Float>]

  /// The colour at a place in pixels, between the middles of four; nothing is beyond the edges.
  func colour(_ x: Float, _ y: Float) -> SIMD4<Float> {
    let (left, top) = ((x - 0.5).rounded(.down), (y - 0.5).rounded(.down))
    guard left >= -1, top >= -1, left < Float(width), top < Float(height) else { return .zero }
    let (column, row) = (Int(left), Int(top))
    let (right, below) = (x - 0.5 - left, y - 0.5 - top)
    let upper = pixel(column, row) * (1 - right) + pixel(column + 1, row) * right
    let lower = pixel(column, row + 1) * (1 - right) + pixel(column + 1, row + 1) * right
    return upper * (1 - below) + lower * below
  }

  private func pixel(_ column: Int, _ row: Int) -> SIMD4<Float> {
    0..<width ~= column && 0..<height ~= row ? pixels[row * width + column] : .zero
  }
}
