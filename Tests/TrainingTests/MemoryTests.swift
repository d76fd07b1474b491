import Autograd
import ModelGraph
import TestSupport
import Testing
import Training

@Suite struct MemoryTests {
  private func training() throws -> (memory: TrainingMemory, example: Example) {
    (TrainingMemory(try Program(TinyModels.bertGraph())), TinyModels.texts[2])
  }

  /// One more example would be too much, wherever the limit is.
  @Test func theLargestBatchJustFits() throws {
    let (memory, example) = try training()
    #expect(try memory.largestBatch(example, within: memory.fixedBytes) == 0)
    for count in [1, 2, 3, 7, 64, 100] {
      let bytes = try memory.bytes(example, count: count)
      #expect(try memory.largestBatch(example, within: bytes) == count)
      #expect(try memory.largestBatch(example, within: bytes - 1) == count - 1)
    }
    #expect(try memory.largestBatch(example, within: .max, most: 37) == 37)
  }

  @Test func lossesAndAveragesCount() throws {
    var (memory, example) = try training()
    let (fixed, bytes) = (memory.fixedBytes, try memory.bytes(example, count: 8))
    memory.averages = true
    #expect(memory.fixedBytes - fixed == 4 * memory.program.layout.count)
    memory.ofLosses = { 1000 * $0 * $0 }
    #expect(try memory.bytes(example, count: 8) - bytes == 4 * memory.program.layout.count + 64000)
    let tooLong = Example(tokens: Array(repeating: 1, count: 9))
    #expect(throws: InterpreterError.badSequence(count: 9, limit: 8)) { try memory.largestBatch(tooLong, within: .max) }
  }

  @Test func theSystemAndItsGroupsLimit() throws {
    #expect(AvailableMemory.ofSystem("MemTotal:  16000 kB\nMemAvailable:   8000 kB\n") == 8_192_000)
    #expect(AvailableMemory.ofSystem("MemTotal: 1 kB\n") == nil)
    #expect(AvailableMemory.directories("0::/\n") == ["/sys/fs/cgroup"])
    #expect(AvailableMemory.directories("1:name=x:/y\n0::/a/b\n") == ["/sys/fs/cgroup", "/sys/fs/cgroup/a", "/sys/fs/cgroup/a/b"])
    #expect(AvailableMemory.directories("5:memory:/a\n").isEmpty)
    #expect(AvailableMemory.room(limit: "1000\n", current: "700\n", statistics: "anon 1\ninactive_file 200\n") == 500)
    #expect(AvailableMemory.room(limit: "1000\n", current: "1700\n", statistics: "") == 0)
    #expect(AvailableMemory.room(limit: "max\n", current: "700\n", statistics: "") == nil)
    #expect(try #require(AvailableMemory.bytes()) > 0)
  }
}
