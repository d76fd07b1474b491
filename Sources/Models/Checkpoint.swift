import ModelGraph

/// A checkpoint's tensors, and which of them have been used.
struct Checkpoint {
  private let tensors: Safetensors
  /// By the names that encoders know them by.
  private let entries: [String: Safetensors.Entry]
  private var used: Set<String> = []

  /// `canonical` turns a tensor's name in the file into today's.
  init(_ tensors: Safetensors, canonical: (String) -> String = { $0 }) throws(ImportError) {
    var entries: [String: Safetensors.Entry] = [:]
    for entry in tensors.entries {
      guard entries.updateValue(entry, forKey: canonical(entry.name)) == nil else {
        throw .badTensor(file: tensors.file, tensor: entry.name, field: "name", problem: "is another spelling of a tensor before it")
      }
    }
    self.tensors = tensors
    self.entries = entries
  }

  func has(_ name: String) -> Bool { entries[name] != nil }

  func shape(_ name: String) throws(ImportError) -> [Int] { try entry(name).shape }

  /// The first dimension of a tensor: the outputs of a matrix or kernel.
  func outputs(_ name: String) throws(ImportError) -> Int {
    guard let outputs = try shape(name).first, (1...Dimension.maximum).contains(outputs) else {
      throw bad(name, "shape", "has no sound first dimension")
    }
    return outputs
  }

  /// The outputs of a head, which may be absent.
  func outputs(ifAny name: String) throws(ImportError) -> Int? { has(name) ? try outputs(name) : nil }

  /// The numbers 0, 1 … for which a name is that of a tensor.
  func count(_ name: (Int) -> String) -> Int { (0...entries.count).first { !has(name($0)) } ?? 0 }

  /// The elements of a tensor of those sizes; dimensions of 1 in front do not count.
  mutating func values(_ name: String, sizes: [Int]) throws(ImportError) -> [Float] {
    let entry = try entry(name)
    let extra = entry.shape.count - sizes.count
    guard extra >= 0, entry.shape.dropFirst(extra).elementsEqual(sizes), entry.shape.prefix(extra).allSatisfy({ $0 == 1 }) else {
      throw bad(name, "shape", "\(entry.shape), but config.json asks for \(sizes)")
    }
    used.insert(name)
    return try tensors.floats(entry)
  }

  /// The values of every parameter of a graph. A tensor that no parameter used is refused, unless `isUnused` knows it.
  mutating func parameters(
    of graph: Graph, from sources: [TensorID: ParameterSource], isUnused: (String) -> Bool
  ) throws(ImportError) -> [TensorID: [Float]] {
    var parameters: [TensorID: [Float]] = [:]
    for id in graph.parameters {
      parameters[id] = try (sources[id] ?? .tensor(graph[id].name)).values(in: &self, sizes: graph[id].shape.sizes)
    }
    for (name, entry) in entries where !used.contains(name) && !isUnused(name) {
      throw .unexpectedTensor(file: tensors.file, tensor: entry.name)
    }
    return parameters
  }

  func bad(_ name: String, _ field: String, _ problem: String) -> ImportError {
    .badTensor(file: tensors.file, tensor: entries[name]?.name ?? name, field: field, problem: problem)
  }

  private func entry(_ name: String) throws(ImportError) -> Safetensors.Entry {
    guard let entry = entries[name] else { throw .missingTensor(file: tensors.file, tensor: name) }
    return entry
  }
}
