import CKernels
import ModelGraph

/// The place of a split point in a program: the device ends before `step`, the peer begins with it.
struct Cut {
  let step: Int
  let crossings: [Crossing]

  /// Whether what crosses is all that has been computed before the fork.
  func isFork(at fork: Int) -> Bool { step + 1 == fork }
}

/// A boundary's rows, and the step that decodes them for readers of int16.
struct Crossing {
  let tensor: TensorID
  let rows: RowBuffers
  let decoding: Int
}

/// What a request may bring to one of the graph's inputs.
enum ProgramInput {
  case tokens(BufferID, vocabulary: Int)
  case image(CodeImage, scale: Float)
  case rows(Rows, scale: Float, limit: Int32)
}

/// What a run puts out.
struct ProgramOutput {
  let tensor: TensorID
  let path: Segment.Role
  let stream: StreamID
  let buffer: BufferID
  let width: Int
  /// Of int16; nil for float32.
  let scale: Float?
}

/// A planned model: steps over buffers, the same for every request.
struct Program {
  let steps: [Step]
  /// The steps of the main path end before this one, with which those of the local path begin.
  let mainEnd: Int
  /// The steps before this one compute all that the local path reads; `mainEnd` where there is none.
  let fork: Int
  /// The stage of each step: threads wait for each other where it changes.
  let stages: [Int]
  /// The segment of each step.
  let segments: [Int]
  /// The node of each step, by its place in the graph: of several that share a step, the first.
  let nodes: [Int]
  /// The inputs that each step depends on, a bit each: it runs where a request brings one of them.
  let dependencies: [UInt64]
  /// The inputs that what a step computes depends on, a bit each: it runs anew where one of them is new.
  let sources: [UInt64]
  let buffers: [Buffer]
  let streams: Streams
  /// In the order of `Graph.inputs`.
  let inputs: [ProgramInput]
  /// In the order of `Graph.outputs`.
  let outputs: [ProgramOutput]
  /// In the order of `Graph.splitPoints`.
  let cuts: [Cut]
  /// The input of tokens that a run may be continued with; nil where a program does not generate.
  let generation: Int?
  /// The node whose output a step completes, by step.
  let completedNodes: [Int: Int]
  let bufferOfTensor: [TensorID: BufferID]
  let imageOfTensor: [TensorID: CodeImage]
  /// Keeps alive what the steps point to.
  let constants: Constants
}

/// How large batches may be: that many requests of so many tokens.
struct BatchSize {
  let items: Int
  let sequence: Int

  /// One request of 16, 32, 64 … tokens up to the limit, and then 2, 4, 8 … requests of any length up to `items`.
  static func all(upTo items: Int, sequence limit: Int) -> [BatchSize] {
    var sizes = [BatchSize(items: 1, sequence: min(16, limit))]
    while let last = sizes.last, last.sequence < limit { sizes.append(BatchSize(items: 1, sequence: min(last.sequence * 2, limit))) }
    while let last = sizes.last, last.items < items { sizes.append(BatchSize(items: min(last.items * 2, items), sequence: limit)) }
    return sizes
  }
}

extension Program {
  /// The layout for batches of a size, for that many threads.
  func layout(_ batch: BatchSize, threads: Int, kernels: UnsafePointer<kernels_table>) -> ArenaLayout {
    ArenaLayout(buffers: buffers) { size in
      switch size {
      case .rows(let stream, let bytes): bytes * batch.items * streams.most(StreamID(index: stream), sequence: batch.sequence)
      case .item(let bytes): bytes * batch.items
      case .fixed(let bytes): bytes
      case .attentionScratch(let keys, let headWidth):
        threads * AttentionStep.scratch(kernels, streams.most(StreamID(index: keys), sequence: batch.sequence), headWidth)
      }
    }
  }
}
