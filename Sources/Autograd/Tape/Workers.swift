import COpenBLAS
import Inference

/// Threads that share loops. Work is cut into the same parts on every run, so results depend on the count of threads but not on chance.
///
/// Either these threads share the work or those of OpenBLAS do: both together would wait for each other. With more than one thread here,
/// OpenBLAS is told to use its caller's alone, which holds for the whole process.
package final class Workers {
  package let count: Int
  private let job: Job
  private let team: ThreadTeam
  private let scratch: Scratch

  /// What all threads run now. Written by the caller before the team starts, read by the team.
  private final class Job: @unchecked Sendable {
    var body: ((Int) -> Void)?
  }

  /// Throws where the system gives no threads, or `count` is not in 1...64.
  package init(count: Int) throws(InterpreterError) {
    let job = Job()
    do {
      team = try ThreadTeam(count: count) { thread, _ in job.body?(thread) }
    } catch {
      throw .threads(count)
    }
    if count > 1 { openblas_set_num_threads(1) }
    self.count = count
    self.job = job
    scratch = Scratch(threads: count)
  }

  /// Runs `body` once on each thread, with its number.
  func onEach(_ body: (Int) -> Void) {
    guard count > 1 else { return body(0) }
    withoutActuallyEscaping(body) { body in
      job.body = body
      team.run()
      job.body = nil
    }
  }

  /// Cuts 0..<items into a part for each thread, none with fewer than `grain` items but the last.
  func share(_ items: Int, grain: Int = 1, _ body: (_ thread: Int, _ part: Range<Int>) -> Void) {
    guard items > 0 else { return }
    let parts = parts(items, grain: grain)
    guard parts > 1 else { return body(0, 0..<items) }
    onEach { thread in
      let part = Self.part(thread, of: parts, items, grain: grain)
      if !part.isEmpty { body(thread, part) }
    }
  }

  /// How many parts `share` makes.
  func parts(_ items: Int, grain: Int = 1) -> Int { min(count, max((items + grain - 1) / grain, 1)) }

  /// Parts begin at multiples of the grain.
  static func part(_ index: Int, of parts: Int, _ items: Int, grain: Int = 1) -> Range<Int> {
    guard index < parts else { return items..<items }
    let grains = (items + grain - 1) / grain
    func edge(_ index: Int) -> Int { min(grains * index / parts * grain, items) }
    return edge(index)..<edge(index + 1)
  }

  /// Memory of a thread for what it computes on the way; its content is lost with the next call for that thread.
  func scratch(_ thread: Int, count: Int) -> UnsafeMutablePointer<Float> { scratch.take(thread, count: count) }

  /// Adds up what each part finds out: `body` adds to `count` sums that begin with 0; then `collect` gets each part's, in order.
  func sum<Element: AdditiveArithmetic>(
    _ items: Int, count: Int, of zero: Element, grain: Int = 1, into sums: UnsafeMutablePointer<Element>,
    _ body: (_ thread: Int, _ part: Range<Int>, _ sums: UnsafeMutablePointer<Element>) -> Void
  ) {
    guard items > 0 else { return }
    let parts = parts(items, grain: grain)
    guard parts > 1 else { return body(0, 0..<items, sums) }
    let all = UnsafeMutablePointer<Element>.allocate(capacity: parts * count)
    defer { all.deallocate() }
    all.initialize(repeating: zero, count: parts * count)
    share(items, grain: grain) { thread, part in body(thread, part, all + thread * count) }
    for part in 0..<parts {
      for index in 0..<count { sums[index] += all[part * count + index] }
    }
  }
}

/// A growing piece of memory for each thread.
private final class Scratch {
  private var pieces: [FloatMemory?]

  init(threads: Int) { pieces = Array(repeating: nil, count: threads) }

  func take(_ thread: Int, count: Int) -> UnsafeMutablePointer<Float> {
    pieces.withUnsafeMutableBufferPointer { pieces in
      if let piece = pieces[thread], piece.count >= count { return piece.start }
      let piece = FloatMemory(count: count)
      pieces[thread] = piece
      return piece.start
    }
  }
}
