import ModelGraph

/// The requests that run together. In each stream their rows lie one request behind the other, so that there is no padding: what looks at
/// each row by itself sees the rows of all as those of one request, and what looks at a request's rows together sees a frame of each.
final class Batch {
  /// One request: its tokens (1 where it brings none), and the graph's inputs that it brings, a bit each.
  struct Item {
    let sequence: Int
    var present: UInt64
  }

  let capacity: Int
  private(set) var count = 0
  private let program: Program
  private let items: UnsafeMutablePointer<Item>
  /// The rows of each stream: of all requests, of the one that has most, and then of each request.
  private let counts: UnsafeMutablePointer<Int>
  /// The offsets of each request's buffers.
  private let offsets: UnsafeMutablePointer<Int>
  /// Each request alone, where there are several.
  private let frames: UnsafeMutablePointer<Frame>

  init(_ program: Program, capacity: Int) {
    self.program = program
    self.capacity = capacity
    let parts = capacity > 1 ? capacity : 0
    items = .allocate(capacity: capacity)
    counts = .allocate(capacity: (parts + 2) * program.streams.all.count)
    offsets = .allocate(capacity: parts * program.buffers.count)
    frames = .allocate(capacity: parts)
  }

  deinit {
    items.deallocate()
    counts.deallocate()
    offsets.deallocate()
    frames.deallocate()
  }

  /// Starts anew with one request.
  func begin(_ item: Item) {
    items.initialize(to: item)
    count = 1
  }

  /// Starts anew with those requests, of `capacity` at most.
  func begin(_ batch: [Item]) {
    items.initialize(from: batch, count: batch.count)
    count = batch.count
  }

  subscript(_ item: Int) -> Item {
    get { items[item] }
    set { items[item] = newValue }
  }

  /// The inputs that any of the requests brings.
  var present: UInt64 { (0..<count).reduce(0) { $0 | items[$1].present } }

  /// The most tokens of a request.
  var longest: Int { (0..<count).reduce(1) { max($0, items[$1].sequence) } }

  /// What steps see of a request that look at all of it; `whole` is what `lay` has returned.
  func frame(_ item: Int, of whole: Frame) -> Frame { count > 1 ? frames[item] : whole }

  /// Lays the requests out from a layout's offsets on, with what else there is in a frame before: returns what steps see that look at each
  /// row by itself.
  func lay(_ layout: UnsafePointer<Int>, past: Int, like frame: Frame) -> Frame {
    guard count > 1 else {
      program.streams.count(sequence: items[0].sequence, present: items[0].present, into: counts)
      return frame.with(offsets: layout, counts: counts, longest: counts, past: past)
    }
    let streams = program.streams.all.count
    let longest = counts + streams
    counts.initialize(repeating: 0, count: 2 * streams)
    for item in 0..<count {
      let own = longest + (item + 1) * streams
      let places = offsets + item * program.buffers.count
      program.streams.count(sequence: items[item].sequence, present: items[item].present, into: own)
      for buffer in program.buffers.indices {
        places[buffer] = layout[buffer] + program.buffers[buffer].size.offset(item: item, rowsBefore: counts)
      }
      for stream in 0..<streams {
        counts[stream] += own[stream]
        longest[stream] = max(longest[stream], own[stream])
      }
      (frames + item).initialize(to: frame.with(offsets: places, counts: own, longest: longest, past: past))
    }
    return frame.with(offsets: layout, counts: counts, longest: longest, past: past)
  }
}

extension BufferSize {
  /// Where a request's part of a buffer begins, given the rows of each stream that the requests before it have.
  fileprivate func offset(item: Int, rowsBefore: UnsafePointer<Int>) -> Int {
    switch self {
    case .rows(let stream, let bytes): rowsBefore[stream] * bytes
    case .item(let bytes): item * bytes
    case .fixed, .attentionScratch: 0
    }
  }
}
