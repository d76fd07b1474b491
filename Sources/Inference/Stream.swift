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
  let shape: Shape
  /// The graph's inputs that it depends on, a bit each.
  let inputs: UInt64
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
    all.append(Stream(source: source, shape: shape, inputs: inputs))
    return StreamID(index: all.count - 1)
  }

  subscript(_ stream: StreamID) -> Stream { all[stream.index] }

  /// The rows of every stream for a request that brings those inputs.
  func count(sequence: Int, present: UInt64, into counts: UnsafeMutablePointer<Int>) {
    for index in all.indices {
      let most = all[index].shape.rowCount(sequence: sequence) ?? 0
      counts[index] =
        switch all[index].source {
        case .input(let input): present & (1 << UInt64(input)) == 0 ? 0 : most
        case .following(let other): counts[other.index] == 0 ? 0 : most
        case .joined(let others): others.reduce(0) { $0 + counts[$1.index] }
        }
    }
  }

  /// The most rows that a stream has in requests of that many tokens.
  func most(_ stream: StreamID, sequence: Int) -> Int { all[stream.index].shape.rowCount(sequence: sequence) ?? 0 }
}
