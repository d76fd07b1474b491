/// Floats at a fixed place in memory, zeros at first, at the start of a cache line. Whoever writes them sees to it that nobody reads
/// meanwhile.
package final class FloatMemory: @unchecked Sendable {
  package let start: UnsafeMutablePointer<Float>
  package let count: Int

  package init(count: Int) {
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    start = memory.bindMemory(to: Float.self, capacity: max(count, 1))
    start.initialize(repeating: 0, count: max(count, 1))
    self.count = count
  }

  deinit { start.deallocate() }

  package var values: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: start, count: count) }
}
