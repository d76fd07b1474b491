/// Numbers derived once from a bundle when its program is planned, at fixed addresses for the kernels.
final class Constants {
  private var blocks: [UnsafeMutablePointer<Float>] = []

  /// Stores `count` values.
  func make(_ count: Int, _ value: (Int) -> Float) -> UnsafePointer<Float> {
    let block = UnsafeMutablePointer<Float>.allocate(capacity: count)
    for index in 0..<count { block[index] = value(index) }
    blocks.append(block)
    return UnsafePointer(block)
  }

  deinit {
    for block in blocks { block.deallocate() }
  }
}
