package import ModelGraph

/// The tensors of a multimodal model that losses and answers are read from.
package struct MultimodalTensors: Sendable {
  /// [batch, embedding], of length 1.
  package var embeddings: [Modality: TensorID] = [:]
  /// Rows of each encoder behind its last norm, [batch, rows, width].
  package var rows: [Modality: TensorID] = [:]
  /// Rows that cross to the fusion.
  package var crossing: [Modality: TensorID] = [:]
  /// Rows of the fusion's last layer, those of all modalities in the order of the towers.
  package var fused: TensorID?
  /// [batch, width], the fusion's mean behind its norm.
  package var summary: TensorID?
  /// [batch, labels]
  package var logits: TensorID?
  package var localLogits: TensorID?
  /// What the tasks of a pretraining predict with.
  package var heads = PretrainingTensors()

  /// The rows that bottlenecks make, with their widths.
  package func narrow(_ configuration: MultimodalConfiguration) -> [(tensor: TensorID, width: Int)] {
    configuration.towers.compactMap { tower in
      guard let width = tower.bottleneck?.width, let tensor = crossing[tower.encoder.modality] else { return nil }
      return (tensor, width)
    }
  }

  /// What a device answers with: embeddings in the order of the towers, then logits.
  package func outputs(_ configuration: MultimodalConfiguration) -> [TensorID] {
    let own = configuration.towers.compactMap { embeddings[$0.encoder.modality] }
    return own + [logits, localLogits].compactMap { $0 }
  }
}

/// Adds a model of several modalities: `pixels`, `samples` and `tokens`, any of which may be absent, → `image-embedding`,
/// `sound-embedding`, `text-embedding` and `logits` [batch, labels], and from the local fusion `local.logits`.
///
/// Nodes, parameters and segments of an encoder have its modality before the names that the encoder has alone. The encoders' first parts
/// come first, so that every segment before the head ends in a split point; an encoder's rows cross at the end of `image.rows`,
/// `sound.rows` and `text.rows`. In the first `crossLayers` of the fusion each modality looks at the others behind gates that begin with 0
/// (Alayrac et al. 2022); then all rows attend to each other (Nagrani et al. 2021), through experts where there are several (Mustafa et
/// al. 2022). `heads` are those of pretraining tasks, behind everything else. With `givesTextRows` there is no text encoder:
/// `text.rows.given` takes its rows in place of `tokens`.
package func multimodalModel(
  into builder: inout GraphBuilder, _ configuration: MultimodalConfiguration, heads: Set<PretrainingHead> = [], givesTextRows: Bool = false
) -> MultimodalTensors {
  var encoder = EncoderBuilder(builder)
  let tensors = encoder.multimodal(configuration, heads: heads, givesTextRows: givesTextRows)
  builder = encoder.graph
  return tensors
}

extension EncoderBuilder {
  mutating func multimodal(
    _ configuration: MultimodalConfiguration, heads: Set<PretrainingHead>, givesTextRows: Bool
  ) -> MultimodalTensors {
    var tensors = MultimodalTensors()
    let first = configuration.towers.map { tower in
      scoped(tower.encoder.modality.rawValue) { builder in
        guard case .bert(let bert, _) = tower.encoder, givesTextRows else { return builder.first(tower.encoder) }
        return builder.input("text.rows.given", .rows(.sequence, bert.hidden))
      }
    }
    func isGiven(_ tower: MultimodalConfiguration.Tower) -> Bool { givesTextRows && tower.encoder.modality == .text }
    let layered = zip(configuration.towers, first).map { tower, rows in
      isGiven(tower) ? rows : scoped(tower.encoder.modality.rawValue) { $0.layers(tower.encoder, rows) }
    }
    for (tower, rows) in zip(configuration.towers, layered) {
      let modality = tower.encoder.modality
      let (last, crossing) = scoped(modality.rawValue) { builder in
        let last = isGiven(tower) ? rows : builder.last(tower.encoder, rows)
        builder.addHeads(heads, over: tower.encoder, last, &tensors)
        return (last, builder.crossing(tower.bottleneck, last))
      }
      (tensors.rows[modality], tensors.crossing[modality]) = (last, crossing)
    }
    let crossing = configuration.towers.map(\.encoder.modality).compactMap { modality in
      tensors.crossing[modality].map { (modality, $0) }
    }
    if let fusion = configuration.fusion {
      tensors.fused = scoped("fusion") { $0.fusionLayers(fusion, crossLayers: configuration.crossLayers, crossing, configuration.longest) }
    }
    for (modality, rows) in crossing { tensors.embeddings[modality] = embedding(modality, configuration.embedding, rows) }
    if let fusion = configuration.fusion, let fused = tensors.fused {
      tensors.summary = summary("fusion", fusion, fused)
      tensors.logits = tensors.summary.map { linear("logits", "fusion.head", $0, outputs: fusion.outputs) }
    }
    addHeads(heads, configuration, &tensors)
    endSegment("head")
    if let local = configuration.local {
      tensors.localLogits = scoped("local") { $0.localLogits(local, crossing, configuration.longest) }
      // Heads may read inputs behind all split points, and then no path could start from one.
      endSegment("local", role: heads.isEmpty ? .local : .main)
    }
    return tensors
  }

  /// The mean of rows in the common space, of length 1.
  private mutating func embedding(_ modality: Modality, _ outputs: Int, _ rows: TensorID) -> TensorID {
    let name = modality.rawValue
    let mean = pool("\(name).mean", .mean, rows)
    let projected = width(mean) == outputs ? mean : linear("\(name).projection", "\(name).projection", mean, outputs: outputs)
    return node("\(name)-embedding", .l2Normalize, projected)
  }

  private mutating func summary(_ name: String, _ configuration: FusionConfiguration, _ rows: TensorID) -> TensorID {
    let mean = pool("\(name).mean", .mean, rows)
    return layerNorm("\(name).norm", "\(name).norm", mean, epsilon: configuration.epsilon)
  }

  private mutating func localLogits(_ local: FusionConfiguration, _ crossing: [(Modality, TensorID)], _ longest: Int) -> TensorID {
    let streams = crossing.map { stream($0, local, $1, longest) }
    var rows = joined(streams, local)
    for layer in 0..<local.layers { rows = transformerLayer("\(layer)", .own("layers.\(layer)"), local.style, rows) }
    let mean = pool("mean", .mean, rows)
    let normal = layerNorm("norm", "norm", mean, epsilon: local.epsilon)
    return linear("logits", "head", normal, outputs: local.outputs)
  }
}

// The fusion.
extension EncoderBuilder {
  private mutating func fusionLayers(
    _ configuration: FusionConfiguration, crossLayers: Int, _ crossing: [(Modality, TensorID)], _ longest: Int
  ) -> TensorID {
    var streams = crossing.map { stream($0, configuration, $1, longest) }
    for layer in 0..<crossLayers {
      streams = crossLayer("cross.\(layer)", configuration, streams, crossing.map(\.0))
      endSegment("cross.\(layer)")
    }
    let rows = close("streams", joined(streams, configuration))
    return (0..<configuration.layers).reduce(rows) { rows, layer in
      close("\(layer)", transformerLayer("\(layer)", .own("layers.\(layer)"), configuration.style, rows))
    }
  }

  /// Rows that crossed, in the fusion's width, plus a table that tells modality and place.
  private mutating func stream(_ modality: Modality, _ configuration: FusionConfiguration, _ rows: TensorID, _ longest: Int) -> TensorID {
    let name = modality.rawValue
    let wide = linear("\(name).rows", "\(name).rows", rows, outputs: configuration.width)
    let count = shape(rows).positions == .sequence ? longest : shape(rows).rowCount(sequence: 1) ?? 1
    return node("\(name).placed", .positions(prefix: 0), wide, parameters: [parameter("\(name).places", [count, configuration.width])])
  }

  /// The rows of all streams.
  private mutating func joined(_ streams: [TensorID], _ configuration: FusionConfiguration) -> TensorID {
    guard streams.count > 1 else { return streams[0] }
    return concatenate("rows", streams, shape: joinedShape(streams, configuration))
  }

  private func joinedShape(_ streams: [TensorID], _ configuration: FusionConfiguration) -> Shape {
    let all = streams.compactMap { shape($0).positions }
    let rows = all.dropFirst().reduce(all[0]) { $0.joined(with: $1) ?? $0 }
    return .rows(rows, configuration.width)
  }

  /// Each modality looks at the rows of all others, then at its own.
  private mutating func crossLayer(
    _ name: String, _ configuration: FusionConfiguration, _ streams: [TensorID], _ modalities: [Modality]
  ) -> [TensorID] {
    guard streams.count > 1 else { return streams }
    let seen = zip(streams, modalities).map { stream, modality in
      layerNorm("\(name).\(modality.rawValue).seen", "\(name).\(modality.rawValue).seen_norm", stream, epsilon: configuration.epsilon)
    }
    return streams.indices.map { place in
      let own = "\(name).\(modalities[place].rawValue)"
      let others = seen.indices.filter { $0 != place }.map { seen[$0] }
      let keys =
        others.count == 1 ? others[0] : concatenate("\(own).others", others, shape: joinedShape(others, configuration))
      let seeing = gatedLayer("\(own).seeing", "\(own).cross", configuration, streams[place], seen: keys)
      return node("\(own).boundary", .boundary, transformerLayer(own, .own(own), configuration.style, seeing))
    }
  }
}
