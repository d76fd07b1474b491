import CPosix

/// How large a buffer is, which may depend on the length of the sequence.
package enum BufferSize: Hashable {
  /// That many bytes for each row of a stream, by its place in the list.
  case rows(stream: Int, bytes: Int)
  /// That many bytes, a multiple of `ArenaLayout.alignment`, for each request of a batch.
  case item(bytes: Int)
  case fixed(bytes: Int)
  /// The attention kernel's scratch for a stream of keys and heads of that width, one for each thread.
  case attentionScratch(keys: Int, headWidth: Int)
}

/// The place of a buffer in a program's list.
struct BufferID: Hashable {
  let index: Int
}

/// A buffer and the stages, first to last, in which it holds something.
package struct Buffer {
  package let size: BufferSize
  package var stages: ClosedRange<Int>

  package init(size: BufferSize, stages: ClosedRange<Int>) {
    self.size = size
    self.stages = stages
  }
}

/// The offsets of all buffers: those whose stages overlap do not overlap in memory.
package struct ArenaLayout {
  package static let alignment = 64

  package let offsets: [Int]
  package let byteCount: Int

  /// Places the largest buffers first, each at the lowest free offset (greedy by size: Pisarchyk and Lee 2020).
  package init(buffers: [Buffer], byteCount size: (BufferSize) -> Int) {
    let sizes = buffers.map { Self.aligned(size($0.size)) }
    let order = buffers.indices.sorted { (sizes[$0], -$0) > (sizes[$1], -$1) }
    var offsets = [Int](repeating: 0, count: buffers.count)
    var placed: [Int] = []
    var end = 0
    for index in order {
      var offset = 0
      for other in placed where buffers[other].stages.overlaps(buffers[index].stages) {
        if offset + sizes[index] <= offsets[other] { break }
        offset = max(offset, offsets[other] + sizes[other])
      }
      offsets[index] = offset
      end = max(end, offset + sizes[index])
      let position = placed.firstIndex { offsets[$0] > offset } ?? placed.count
      placed.insert(index, at: position)
    }
    self.offsets = offsets
    byteCount = end
  }

  /// A count of bytes rounded up to the alignment.
  static func aligned(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }
}

/// Memory for one inference at a time, taken from the system once; pages that no inference touches stay unused.
final class Arena {
  let base: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) throws(InferenceError) {
    let rounded = max(byteCount, 1)
    guard let base = posix_map_anonymous(rounded) else { throw .outOfMemory(bytes: rounded) }
    self.base = base
    self.byteCount = rounded
  }

  deinit { munmap(base, byteCount) }
}
