import ModelGraph

/// Rows that tensors have in common: how many there are depends on the request.
struct StreamID: Hashable {
  let index: Int
}

/// How many rows a stream has: as many as its shape says where the request brings what it is made of.
struct Stream {
  enum Source {
    /// A graph's input.
    case input(Int)
    case following(StreamID)
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

/// The streams of a graph, each after those that it depends on.
struct Streams {
  private(set) var all: [Stream] = []

  mutating func add(_ source: Stream.Source, _ shape: Shape) -> StreamID {
    let inputs: UInt64 =
      switch source {
      case .input(let index): 1 << UInt64(index)
      case .following(let other): all[other.index].inputs
      case .joined(let others): others.reduce(0) { $0 | all[$1.index].inputs }
      }
    let one = shape.rowCount(sequence: 1) ?? 0
    let two = shape.rowCount(sequence: 2) ?? 0
    all.append(Stream(source: source, fixed: two > one ? one - 1 : one, grows: two > one, inputs: inputs))
    return StreamID(index: all.count - 1)
  }

  subscript(_ stream: StreamID) -> Stream { all[stream.index] }

  /// The rows of every stream for a request that brings those inputs.
  func count(sequence: Int, present: UInt64, into counts: UnsafeMutablePointer<Int>) {
    for index in all.indices {
      let most = all[index].rows(sequence: sequence)
      counts[index] =
        switch all[index].source {
        case .input(let input): present & (1 << UInt64(input)) == 0 ? 0 : most
        case .following(let other): counts[other.index] == 0 ? 0 : most
        case .joined(let others): others.reduce(0) { $0 + counts[$1.index] }
        }
    }
  }

  /// The most rows that a stream has in requests of that many tokens.
  func most(_ stream: StreamID, sequence: Int) -> Int { all[stream.index].rows(sequence: sequence) }
}
