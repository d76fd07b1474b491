import ModelGraph

/// Rows that tensors have in common: how many there are depends on the request.
struct StreamID: Hashable {
  let index: Int
}

/// How many rows a stream has: as many as its shape says where the request brings what it is made of.
struct Stream: Hashable {
  enum Source: Hashable {
    /// All rows where the request brings one of the inputs, else none.
    case whole
    /// The rows of all these together, of which some may be missing.
    case joined([StreamID])
  }

  let source: Source
  /// Rows whatever the sequence.
  let fixed: Int
  /// Whether there is one more for each token.
  let grows: Bool
  /// The graph's inputs that it depends on, a bit each.
  let inputs: UInt64

  /// The most rows in requests of that many tokens.
  func rows(sequence: Int) -> Int { grows ? fixed + sequence : fixed }
}

/// The streams of a graph, each after those that it depends on. Two that have the same number of rows in every request are one.
struct Streams {
  private(set) var all: [Stream] = []
  private var places: [Stream: StreamID] = [:]

  /// What a graph's input brings.
  mutating func add(input: Int, _ shape: Shape) -> StreamID { add(.whole, inputs: 1 << UInt64(input), shape) }

  /// Rows that are made of all rows of another stream.
  mutating func add(following other: StreamID, _ shape: Shape) -> StreamID { add(.whole, inputs: self[other].inputs, shape) }

  /// The rows of several streams, one after the other.
  mutating func add(joining others: [StreamID], _ shape: Shape) -> StreamID {
    add(.joined(others), inputs: others.reduce(0) { $0 | self[$1].inputs }, shape)
  }

  private mutating func add(_ source: Stream.Source, inputs: UInt64, _ shape: Shape) -> StreamID {
    let one = shape.rowCount(sequence: 1) ?? 0
    let two = shape.rowCount(sequence: 2) ?? 0
    let stream = Stream(source: source, fixed: two > one ? one - 1 : one, grows: two > one, inputs: inputs)
    if let known = places[stream] { return known }
    all.append(stream)
    places[stream] = StreamID(index: all.count - 1)
    return StreamID(index: all.count - 1)
  }

  subscript(_ stream: StreamID) -> Stream { all[stream.index] }

  /// The rows of every stream for a request that brings those inputs.
  func count(sequence: Int, present: UInt64, into counts: UnsafeMutablePointer<Int>) {
    for index in all.indices {
      counts[index] =
        switch all[index].source {
        case .whole: present & all[index].inputs == 0 ? 0 : all[index].rows(sequence: sequence)
        case .joined(let others): others.reduce(0) { $0 + counts[$1.index] }
        }
    }
  }

  /// The most rows that a stream has in requests of that many tokens.
  func most(_ stream: StreamID, sequence: Int) -> Int { all[stream.index].rows(sequence: sequence) }
}
