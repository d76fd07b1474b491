import ModelGraph
import Models

/// Parameters of an encoder that begins with those of another, which may have more layers: of these it gets every so manieth, the last one
/// among them, so that what follows finds rows of the kind it knows. (Sanh et al. 2019)
struct Inheritance {
  /// By their names in the model that begins.
  let values: [String: [Float]]

  /// `parameters` are those of an encoder alone, or of a model of several modalities.
  init(_ parameters: [(name: String, values: [Float])], to encoder: MultimodalConfiguration.Encoder) {
    let own = encoder.modality.rawValue + "."
    let named = parameters.map { ($0.name.hasPrefix(own) ? String($0.name.dropFirst(own.count)) : $0.name, $0.values) }
    let all = Dictionary(named) { first, _ in first }
    let count = all.keys.compactMap { LayerName($0)?.number }.max().map { $0 + 1 } ?? 0
    guard let layers = encoder.layers, layers < count else {
      values = Dictionary(uniqueKeysWithValues: all.map { (own + $0.key, $0.value) })
      return
    }
    let places = Dictionary(uniqueKeysWithValues: (0..<layers).map { (($0 + 1) * count / layers - 1, $0) })
    values = Dictionary(
      uniqueKeysWithValues: all.compactMap { name, values in
        guard let layer = LayerName(name) else { return (own + name, values) }
        return places[layer.number].map { (own + layer.renumbered($0), values) }
      })
  }
}

/// The name of a parameter in a stack of layers: `encoder.layer.3.…` or `encoder.layers.3.…`.
private struct LayerName {
  private let parts: [Substring]
  let number: Int

  init?(_ name: String) {
    parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 3, parts[0] == "encoder", parts[1] == "layer" || parts[1] == "layers", let number = Int(parts[2]) else {
      return nil
    }
    self.number = number
  }

  func renumbered(_ number: Int) -> String { (parts[..<2] + ["\(number)"] + parts[3...]).joined(separator: ".") }
}

extension MultimodalConfiguration.Encoder {
  /// The layers of a stack; nil of a network that has none.
  fileprivate var layers: Int? {
    switch self {
    case .vision(let vision): vision.layers
    case .wav2vec2(let sound, _): sound.layers
    case .bert(let bert, _): bert.layers
    case .mobileNet: nil
    }
  }
}
