/// Numbers derived from a bundle's parameters, at fixed addresses for the kernels: reserved when the program is planned, filled in when
/// their segment is first wanted, so that until then no page of the segment is touched.
final class Constants {
  private struct Block {
    let segment: Int
    let address: UnsafeMutablePointer<Float>
    let count: Int
    let value: (Int) -> Float
  }

  private var blocks: [Block] = []

  /// Reserves room for `count` values of a segment.
  func make(_ count: Int, segment: Int, _ value: @escaping (Int) -> Float) -> UnsafePointer<Float> {
    let address = UnsafeMutablePointer<Float>.allocate(capacity: count)
    blocks.append(Block(segment: segment, address: address, count: count, value: value))
    return UnsafePointer(address)
  }

  /// Computes the values of a segment.
  func fill(segment: Int) {
    for block in blocks where block.segment == segment {
      for index in 0..<block.count { block.address[index] = block.value(index) }
    }
  }

  deinit {
    for block in blocks { block.address.deallocate() }
  }
}
