import CKernels
import CPosix
import ModelGraph

/// What a step sees while it runs: the arena with the offsets of the current layout, the size of the request and the kernels.
struct Frame {
  let base: UnsafeMutableRawPointer
  let offsets: UnsafePointer<Int>
  /// The rows of each stream.
  let counts: UnsafePointer<Int>
  /// The rows of each stream in the request of a batch that has most.
  let longest: UnsafePointer<Int>
  /// Tokens before those of this run, whose keys and values are remembered.
  let past: Int
  let threads: Int
  let kernels: UnsafePointer<kernels_table>

  func pointer<Element>(_ buffer: BufferID, as type: Element.Type = Element.self) -> UnsafeMutablePointer<Element> {
    (base + offsets[buffer.index]).assumingMemoryBound(to: type)
  }

  /// The same threads and kernels over the same arena for other rows.
  func with(offsets: UnsafePointer<Int>, counts: UnsafePointer<Int>, longest: UnsafePointer<Int>, past: Int) -> Frame {
    Frame(base: base, offsets: offsets, counts: counts, longest: longest, past: past, threads: threads, kernels: kernels)
  }

  func count(_ stream: StreamID) -> Int { counts[stream.index] }

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

  /// A thread's part of a stream's rows.
  func share(of stream: StreamID, thread: Int) -> Range<Int> { share(of: count(stream), thread: thread) }
}

/// int16 rows of one width.
struct Rows: Hashable {
  let stream: StreamID
  let buffer: BufferID
  let width: Int
}

/// The buffers of rows quantised to 8 bits.
struct RowBuffers: Hashable {
  let stream: StreamID
  let codes: BufferID
  let range: BufferID
  let zero: BufferID
  let width: Int

  /// Bytes between rows of codes: the width rounded up to the depth of a weight block.
  var stride: Int { Self.stride(width: width) }

  var all: [BufferID] { [codes, range, zero] }

  static func stride(width: Int) -> Int { (width + Int(KERNELS_BLOCK_DEPTH) - 1) / Int(KERNELS_BLOCK_DEPTH) * Int(KERNELS_BLOCK_DEPTH) }
}

/// An image of 8-bit codes with room around it for the windows that reach beyond its edge.
struct CodeImage: Hashable {
  let stream: StreamID
  let buffer: BufferID
  let size: Window.Size
  let channels: Int
  let padding: Window.Padding
  let zero: UInt8

  /// Codes of the image alone.
  var elements: Int { size.height * size.width * channels }

  /// Bytes between lines.
  var lineStride: Int { (padding.left + size.width + padding.right) * channels }

  /// Where a position lies, which may be beyond the edge.
  func offset(line: Int, column: Int) -> Int { (line + padding.top) * lineStride + (column + padding.left) * channels }

  /// Bytes of the buffer: kernels read some past the last position.
  var byteCount: Int { ArenaLayout.aligned((padding.top + size.height + padding.bottom) * lineStride + ArenaLayout.alignment) }

  /// Fills all that lies around the image with codes of value zero.
  func fillEdge(_ frame: borrowing Frame) { for thread in 0..<frame.threads { fillEdge(frame, thread: thread) } }

  /// Fills what lies around a thread's share of the lines with codes of value zero.
  func fillEdge(_ frame: borrowing Frame, thread: Int) {
    guard padding != .none else { return }
    let base: UnsafeMutablePointer<UInt8> = frame.pointer(buffer)
    let code = Int32(zero)
    for line in frame.share(of: padding.top + size.height + padding.bottom, thread: thread) {
      let start = base + line * lineStride
      if line < padding.top || line >= padding.top + size.height {
        memset(start, code, lineStride)
      } else {
        memset(start, code, padding.left * channels)
        memset(start + (padding.left + size.width) * channels, code, padding.right * channels)
      }
    }
  }
}
