import CKernels
import ModelGraph

/// The place of a split point in a program: the device ends before `step`, the peer begins with it.
struct Cut {
  let step: Int
  let rows: RowBuffers
}

/// A planned model: steps over buffers, the same for every request.
struct Program {
  let steps: [Step]
  /// The stage of each step: threads wait for each other where it changes.
  let stages: [Int]
  let buffers: [Buffer]
  let input: BufferID
  let output: BufferID
  let outputWidth: Int
  let vocabulary: Int
  /// In the order of `Graph.splitPoints`.
  let cuts: [Cut]
  /// The node whose output a step completes, by step.
  let completedNodes: [Int: Int]
  let bufferOfTensor: [TensorID: BufferID]
  /// Keeps alive what the steps point to.
  let constants: Constants
}

extension Program {
  /// Layouts for sequences of 16, 32, 64 … positions up to the limit, for that many threads.
  func layouts(sequenceLimit: Int, threads: Int, kernels: UnsafePointer<kernels_table>) -> [ArenaLayout] {
    var lengths = [min(16, sequenceLimit)]
    while let last = lengths.last, last < sequenceLimit { lengths.append(min(last * 2, sequenceLimit)) }
    return lengths.map { rows in
      ArenaLayout(buffers: buffers, rows: rows) { size in
        switch size {
        case .rows(let bytes): bytes * rows
        case .fixed(let bytes): bytes
        case .attentionScratch(let headWidth): threads * AttentionStep.scratch(kernels, rows, headWidth)
        }
      }
    }
  }
}
