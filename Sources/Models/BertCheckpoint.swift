import ModelGraph

/// Takes a BERT checkpoint's tensors into the parameters of a graph.
struct BertCheckpoint {
  private static let typeTable = "embeddings.token_type_embeddings.weight"
  private static let positionTable = "embeddings.position_embeddings.weight"

  private let tensors: Safetensors
  /// By their names without the prefix `bert.` and in today's spelling.
  private let entries: [String: Safetensors.Entry]

  init(_ tensors: Safetensors) throws(ImportError) {
    var entries: [String: Safetensors.Entry] = [:]
    for entry in tensors.entries {
      guard entries.updateValue(entry, forKey: Self.canonical(entry.name)) == nil else {
        throw .badTensor(file: tensors.file, tensor: entry.name, field: "name", problem: "is another spelling of a tensor before it")
      }
    }
    self.tensors = tensors
    self.entries = entries
  }

  /// `bert.embeddings.LayerNorm.gamma` is `embeddings.LayerNorm.weight`.
  private static func canonical(_ name: String) -> String {
    let stem = name.hasPrefix("bert.") ? String(name.dropFirst(5)) : name
    if stem.hasSuffix(".LayerNorm.gamma") { return stem.dropLast(5) + "weight" }
    if stem.hasSuffix(".LayerNorm.beta") { return stem.dropLast(4) + "bias" }
    return stem
  }

  /// Tensors of a checkpoint that sentence embeddings do not use: buffers and the heads of the pretraining.
  private static func isUnused(_ name: String) -> Bool {
    name == "embeddings.position_ids" || name.hasPrefix("pooler.") || name.hasPrefix("cls.")
  }

  /// The values of every parameter of the graph; the row of token type 0 is added to the position table.
  func parameters(of graph: Graph, tokenTypes: Int) throws(ImportError) -> [TensorID: [Float]] {
    var parameters: [TensorID: [Float]] = [:]
    for id in graph.parameters {
      parameters[id] = try values(graph[id].name, sizes: graph[id].shape.dimensions.map { $0.size(batch: 1, sequence: 1) })
    }
    let known = Set(graph.parameters.map { graph[$0].name }).union([Self.typeTable])
    for (name, entry) in entries where !known.contains(name) && !Self.isUnused(name) {
      throw .unexpectedTensor(file: tensors.file, tensor: entry.name)
    }
    try addTokenType(to: &parameters, graph, tokenTypes: tokenTypes)
    return parameters
  }

  private func addTokenType(to parameters: inout [TensorID: [Float]], _ graph: Graph, tokenTypes: Int) throws(ImportError) {
    guard let id = graph.parameters.first(where: { graph[$0].name == Self.positionTable }), let width = graph[id].shape.width else {
      return
    }
    let types = try values(Self.typeTable, sizes: [tokenTypes, width])
    parameters[id] = parameters[id]?.enumerated().map { $0.element + types[$0.offset % width] }
  }

  private func values(_ name: String, sizes: [Int]) throws(ImportError) -> [Float] {
    guard let entry = entries[name] else { throw .missingTensor(file: tensors.file, tensor: name) }
    guard entry.shape == sizes else {
      throw .badTensor(file: tensors.file, tensor: entry.name, field: "shape", problem: "\(entry.shape), but config.json asks for \(sizes)")
    }
    return try tensors.floats(entry)
  }
}
