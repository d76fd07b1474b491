import CKernels
import Glibc

/// Which end of each placed array touches an inaccessible page.
enum Side: CaseIterable { case before, after }

/// An array in memory of its own.
struct Placed<Element: BitwiseCopyable> {
  let base: UnsafeMutablePointer<Element>
  let count: Int

  var values: [Element] { Array(UnsafeBufferPointer(start: base, count: count)) }
}

/// Places arrays between two inaccessible pages, flush with one of them: an access past that end ends the process.
final class GuardedMemory {
  let side: Side
  private var mappings: [(start: UnsafeMutableRawPointer, length: Int)] = []

  init(_ side: Side) { self.side = side }

  func place<Element: BitwiseCopyable>(_ values: [Element]) -> Placed<Element> {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let bytes = values.count * MemoryLayout<Element>.stride
    let room = (bytes + page - 1) / page * page
    guard let start = mmap(nil, room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), start != MAP_FAILED else {
      fatalError("no memory")
    }
    mappings.append((start, room + 2 * page))
    if room > 0 { mprotect(start + page, room, PROT_READ | PROT_WRITE) }
    let base = (start + page + (side == .before ? 0 : room - bytes)).bindMemory(to: Element.self, capacity: max(values.count, 1))
    base.initialize(from: values, count: values.count)
    return Placed(base: base, count: values.count)
  }

  /// An array of a value that no test expects.
  func place<Element: BitwiseCopyable & ExpressibleByIntegerLiteral>(blank count: Int, as type: Element.Type) -> Placed<Element> {
    place([Element](repeating: 77, count: count))
  }

  func release() {
    for mapping in mappings { munmap(mapping.start, mapping.length) }
    mappings = []
  }
}

/// Runs the body for every table with memory guarded at either end; the memory is gone after it.
func everywhere(sides: [Side] = Side.allCases, _ body: (kernels_table, GuardedMemory) -> Void) {
  for table in testedTables() {
    for side in sides {
      let memory = GuardedMemory(side)
      body(table, memory)
      memory.release()
    }
  }
}
