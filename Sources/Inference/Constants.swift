/// Numbers derived from a bundle's parameters, at fixed addresses for the kernels: reserved when the program is planned, filled in when
/// their segment is first wanted, so that until then no page of the segment is touched.
final class Constants {
  private struct Block {
    let segment: Int
    let address: UnsafeMutablePointer<Float>
    let count: Int
    let fill: (UnsafeMutableBufferPointer<Float>) -> Void
  }

  private var blocks: [Block] = []

  /// Reserves room for `count` values of a segment, which `fill` computes.
  func make(_ count: Int, segment: Int, _ fill: @escaping (UnsafeMutableBufferPointer<Float>) -> Void) -> UnsafePointer<Float> {
    let address = UnsafeMutablePointer<Float>.allocate(capacity: count)
    blocks.append(Block(segment: segment, address: address, count: count, fill: fill))
    return UnsafePointer(address)
  }

  /// Computes the values of a segment.
  func fill(segment: Int) {
    for block in blocks where block.segment == segment {
      block.fill(UnsafeMutableBufferPointer(start: block.address, count: block.count))
    }
  }

  deinit {
    for block in blocks { block.address.deallocate() }
  }
}
