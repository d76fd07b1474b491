import CKernels

/// What a step sees while it runs: the arena with the offsets of the current layout, the size of the request and the kernels.
struct Frame {
  let base: UnsafeMutableRawPointer
  let offsets: UnsafePointer<Int>
  /// Positions of the sequence.
  let rows: Int
  let threads: Int
  let kernels: UnsafePointer<kernels_table>

  func pointer<Element>(_ buffer: BufferID, as type: Element.Type = Element.self) -> UnsafeMutablePointer<Element> {
    (base + offsets[buffer.index]).assumingMemoryBound(to: type)
  }

  func rows(_ buffers: RowBuffers) -> kernels_rows {
    kernels_rows(
      codes: pointer(buffers.codes), stride: buffers.stride, range: pointer(buffers.range), zero: pointer(buffers.zero))
  }

  /// A thread's part of `count` items, cut at multiples of `block`.
  func share(of count: Int, block: Int = 1, thread: Int) -> Range<Int> {
    let blocks = (count + block - 1) / block
    let begin = blocks * thread / threads * block
    let end = blocks * (thread + 1) / threads * block
    return min(begin, count)..<min(end, count)
  }
}

/// The buffers of rows quantised to 8 bits.
struct RowBuffers: Hashable {
  let codes: BufferID
  let range: BufferID
  let zero: BufferID
  let width: Int

  /// Bytes between rows of codes: the width rounded up to the depth of a weight block.
  var stride: Int { Self.stride(width: width) }

  static func stride(width: Int) -> Int { (width + Int(KERNELS_BLOCK_DEPTH) - 1) / Int(KERNELS_BLOCK_DEPTH) * Int(KERNELS_BLOCK_DEPTH) }
}
