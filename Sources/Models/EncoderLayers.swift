package import ModelGraph

/// What a transformer makes at one of its layers.
package struct LayerOutput: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// What comes out of a layer; of layer 0, what goes into the first.
    case rows
    case query, key, value
  }

  package let modality: Modality
  package let kind: Kind
  /// Layers are counted from 1.
  package let layer: Int

  package init(_ modality: Modality, _ kind: Kind, layer: Int) { (self.modality, self.kind, self.layer) = (modality, kind, layer) }

  package var name: String { "\(modality.rawValue)-\(kind.rawValue)-\(layer)" }
}

extension Graph {
  /// The tensor that is what a layer makes; nil where there is none.
  package subscript(output: LayerOutput) -> TensorID? { EncoderLayers(of: output.modality, in: self)?[output.kind, output.layer] }
}

/// The layers of a modality's transformer in a graph.
package struct EncoderLayers: Hashable, Sendable {
  package let count: Int
  private let modality: Modality
  private let tensors: [LayerOutput: TensorID]

  /// Nil where the graph has no transformer of that modality, whether by itself or beside others.
  package init?(of modality: Modality, in graph: Graph) {
    guard graph.input(of: modality) != nil else { return nil }
    let outputs = Dictionary(graph.nodes.map { ($0.name, $0.output) }, uniquingKeysWith: { first, _ in first })
    guard let layers = Self(of: modality, outputs, prefix: "\(modality.rawValue).") ?? Self(of: modality, outputs, prefix: "") else {
      return nil
    }
    self = layers
  }

  /// Of nodes whose names begin so.
  init?(of modality: Modality, _ outputs: [String: TensorID], prefix: String) {
    let first = ["embeddings", "patches", "positions"].compactMap { outputs["\(prefix)\($0).boundary"] }.first
    guard let first else { return nil }
    var tensors = [LayerOutput(modality, .rows, layer: 0): first]
    var count = 0
    while let query = outputs["\(prefix)encoder.\(count).query"], let rows = outputs["\(prefix)encoder.\(count).boundary"] {
      let key = outputs["\(prefix)encoder.\(count).key"]
      let value = outputs["\(prefix)encoder.\(count).value"]
      count += 1
      tensors[LayerOutput(modality, .rows, layer: count)] = rows
      tensors[LayerOutput(modality, .query, layer: count)] = query
      tensors[LayerOutput(modality, .key, layer: count)] = key
      tensors[LayerOutput(modality, .value, layer: count)] = value
    }
    guard count > 0 else { return nil }
    (self.count, self.modality, self.tensors) = (count, modality, tensors)
  }

  package subscript(kind: LayerOutput.Kind, layer: Int) -> TensorID? { tensors[LayerOutput(modality, kind, layer: layer)] }
}
