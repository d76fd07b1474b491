import Autograd
import BundleFormat
import Inference
import ModelGraph
import Models
import Peer

/// The segments behind split points in float32, on OpenBLAS, with the parameters that a bundle was imported from. Answers are near those
/// of the integers and have no promise of bits. For one thread at a time.
final class FloatFusion {
  /// What a peer runs behind one split point.
  private struct Tail {
    let tape: Tape
    let inputs: [TensorID]
    let outputs: [TensorID]
  }

  private let model: HuggingFaceModel
  private let workers: Workers
  /// Made when a request first wants them.
  private var tails: [Int: Tail] = [:]

  init(directory: String, of bundle: BundleFormat.Bundle, threads: Int) throws {
    let graph = bundle.graph
    let texts = graph.input(of: .text) == nil ? nil : graph.limits.sequence
    let samples = graph.input(of: .sound).flatMap { graph[graph.inputs[$0]].shape.imageSize?.width }
    model = try HuggingFaceModel(directory: directory, maximumTokens: texts, samples: samples)
    workers = try Workers(count: threads)
    guard model.graph.isLike(graph) else { throw FloatError.otherModel(directory: directory, bundle: bundle.path) }
  }

  /// The outputs of each request that it reaches, little-endian, of features that `session` decodes.
  func run(_ requests: [SplitFeatures], from split: Int, decoding session: Session) throws(FusionFailure) -> [[UInt8]] {
    do {
      let tail = try tail(behind: split)
      try tail.tape.load(
        requests.map { request in
          let values = try session.values(of: request, at: split)
          return Example(values: Dictionary(uniqueKeysWithValues: zip(tail.inputs, values)), crossingTokens: request.sequence)
        })
      tail.tape.forward(isTraining: false)
      return requests.indices.map { place in tail.outputs.flatMap { tail.tape.bytes(of: $0, example: place) } }
    } catch {
      throw .failed(reason: "\(error)")
    }
  }

  private func tail(behind split: Int) throws -> Tail {
    if let tail = tails[split] { return tail }
    let tail = try GraphTail(of: model.graph, behind: model.graph.splitPoints[split])
    let program = try Program(tail.graph)
    let parameters = program.parameters()
    let own = tail.graph.parameters.compactMap { id in model.parameters[tail.tensors[id.index]].map { (id, $0) } }
    try parameters.load(Dictionary(uniqueKeysWithValues: own), of: tail.graph)
    let made = Tail(
      tape: Tape(program, parameters: parameters, workers: workers, isTraining: false), inputs: tail.graph.inputs,
      outputs: tail.graph.outputs)
    tails[split] = made
    return made
  }
}

/// Why segments cannot run in float.
enum FloatError: Error, CustomStringConvertible {
  case otherModel(directory: String, bundle: String)

  var description: String {
    switch self {
    case .otherModel(let directory, let bundle): "\(directory) is not the model that \(bundle) was imported from"
    }
  }
}

extension Tape {
  fileprivate func bytes(of output: TensorID, example: Int) -> [UInt8] {
    guard let rows = self[output] else { return [] }
    let own = rows.layout[example]
    return UnsafeBufferPointer(start: rows.row(own.lowerBound), count: own.count * rows.columns).flatMap(\.littleEndianBytes)
  }
}

extension Float {
  /// Its four bytes.
  var littleEndianBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: bitPattern >> (8 * $0)) } }
}

extension Graph {
  /// Whether it has the same nodes and sizes, whatever the types of its tensors.
  fileprivate func isLike(_ other: Graph) -> Bool {
    nodes.elementsEqual(other.nodes) { $0.name == $1.name && self[$0.output].shape == other[$1.output].shape }
      && splitPoints.map(\.name) == other.splitPoints.map(\.name)
  }
}
