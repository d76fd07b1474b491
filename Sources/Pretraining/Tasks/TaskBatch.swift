import Autograd
import ModelGraph
import Models
import Training

/// A batch that has run forward: what the losses of tasks read, and where they add gradients.
struct TaskBatch {
  let tape: Tape
  let tensors: MultimodalTensors
  let samples: [PreparedSample]

  var workers: Workers { tape.workers }

  /// Embeddings of the samples that have both modalities, of the first so many: at least two, else nil.
  func pairs(_ first: Modality, _ second: Modality, atMost most: Int = .max) -> EmbeddingPairs? {
    guard let firstID = tensors.embeddings[first], let secondID = tensors.embeddings[second], let a = tape[firstID],
      let b = tape[secondID]
    else { return nil }
    let both = Array(samples.indices.filter { !a.layout[$0].isEmpty && !b.layout[$0].isEmpty }.prefix(most))
    guard both.count > 1 else { return nil }
    return EmbeddingPairs(
      samples: both, a: GatheredRows(a, both.map { a.layout[$0].lowerBound }), b: GatheredRows(b, both.map { b.layout[$0].lowerBound }),
      gradients: (tape.gradient(of: firstID), tape.gradient(of: secondID)))
  }

  /// The value of a parameter of one element that the graph does not have.
  func scalar(_ name: String) -> Float { place(name).map { tape.parameters[$0][0] } ?? 0 }

  func addGradient(_ gradient: Float, toScalar name: String) {
    guard let place = place(name), tape.program.layout.entries[place].isTrained else { return }
    tape.gradients?[place][0] += gradient
  }

  /// A matrix of the graph, and its gradient where it is trained.
  func table(_ name: String) -> (values: UnsafeMutablePointer<Float>?, gradient: UnsafeMutablePointer<Float>?, rows: Int) {
    guard let place = place(name) else { return (nil, nil, 0) }
    let entry = tape.program.layout.entries[place]
    return (tape.parameters[place].baseAddress, entry.isTrained ? tape.gradients?[place].baseAddress : nil, entry.sizes[0])
  }

  private func place(_ name: String) -> Int? { tape.program.layout[name] }
}

/// Rows of two embeddings that belong together, those of a sample of a batch.
struct EmbeddingPairs {
  let samples: [Int]
  let a: GatheredRows
  let b: GatheredRows
  /// Of the embeddings of all samples.
  let gradients: (a: Rows?, b: Rows?)
}

/// What a task made of a batch.
struct TaskLoss {
  var loss: Double
  /// See `BatchLoss.scores`.
  var scores: [String: Double] = [:]
}
