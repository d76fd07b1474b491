import Inference
import TestSupport
import Testing

@Suite struct ArenaLayoutTests {
  private static func byteCount(_ size: BufferSize) -> Int {
    guard case .fixed(let bytes) = size else { return 0 }
    return bytes
  }

  @Test func buffersOfOneStageAreApart() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<300 {
      let buffers = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
        let first = Int.random(in: 0..<30, using: &generator)
        return Buffer(
          size: .fixed(bytes: Int.random(in: 1...5000, using: &generator)),
          stages: first...first + Int.random(in: 0...8, using: &generator))
      }
      let layout = ArenaLayout(buffers: buffers, byteCount: Self.byteCount)
      for one in buffers.indices {
        let range = layout.offsets[one]..<layout.offsets[one] + Self.byteCount(buffers[one].size)
        #expect(range.lowerBound % ArenaLayout.alignment == 0)
        #expect(range.upperBound <= layout.byteCount)
        for other in 0..<one where buffers[one].stages.overlaps(buffers[other].stages) {
          #expect(!range.overlaps(layout.offsets[other]..<layout.offsets[other] + Self.byteCount(buffers[other].size)))
        }
      }
    }
  }

  @Test func buffersOfDifferentStagesShareMemory() {
    let buffers = (0..<10).map { Buffer(size: .fixed(bytes: 640), stages: $0...$0) }
    #expect(ArenaLayout(buffers: buffers, byteCount: Self.byteCount).byteCount == 640)
  }
}
