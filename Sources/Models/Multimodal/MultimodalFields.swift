package import BundleFormat
import JSONFormat
import ModelGraph

/// What `config.json` of a multimodal model says, or the table `[model]` of an experiment: sizes, and how inputs are prepared.
package struct MultimodalDescription: Sendable {
  package let configuration: MultimodalConfiguration
  package let image: ImageInput?
  package let sound: SoundInput?
  /// What was read.
  package let fields: Field

  /// How many tokens the longest text may have.
  package static let textLengths = 2...65535

  /// Reads tables `image`, `sound` and `text`, of which there is at least one, and `fusion` and `local`, which may be absent. `vocabulary`
  /// is the number of tokens, `labels` that of the classes.
  package init(_ fields: Field, vocabulary: Int?, labels: Int) throws(ImportError) {
    self.fields = fields
    try fields.expect(members: ["model_type", "embedding", "image", "sound", "text", "fusion", "local", "rates", "labels"])
    var towers: [MultimodalConfiguration.Tower] = []
    var image: ImageInput?
    var sound: SoundInput?
    if !fields["image"].isAbsent {
      let tower = try fields["image"].imageTower()
      image = try fields["image"].pictures(tower.encoder)
      towers.append(tower)
    }
    if !fields["sound"].isAbsent {
      let (tower, input) = try fields["sound"].soundTower()
      sound = input
      towers.append(tower)
    }
    if !fields["text"].isAbsent { towers.append(try fields["text"].textTower(vocabulary: vocabulary)) }
    guard !towers.isEmpty else { throw fields["image"].wrong("at least one of image, sound and text") }
    configuration = MultimodalConfiguration(
      towers: towers, embedding: try fields["embedding"].integer(1...16384),
      fusion: try fields["fusion"].isAbsent ? nil : fields["fusion"].fusion(labels: labels),
      crossLayers: try fields["fusion"]["cross_layers"].integer(0...64, default: 0),
      local: try fields["local"].isAbsent ? nil : fields["local"].fusion(labels: labels), rates: try fields["rates"].rates(of: towers))
    (self.image, self.sound) = (image, sound)
  }
}

extension Field {
  /// Refuses members with other names, so that a misspelt one is not passed over.
  package func expect(members names: Set<String>) throws(ImportError) {
    for member in try members() where !names.contains(member.key) {
      throw self[member.key].wrong("one of \(names.sorted().joined(separator: ", "))")
    }
  }

  /// Shares of the columns of bottlenecks; none where it is absent.
  fileprivate func rates(of towers: [MultimodalConfiguration.Tower]) throws(ImportError) -> [Double] {
    var rates: [Double] = []
    for element in try isAbsent ? [] : elements() {
      let share = try with(element).number(0.001...0.999)
      guard share > rates.last ?? 0 else { throw wrong("shares that ascend") }
      rates.append(share)
    }
    guard rates.isEmpty || towers.contains(where: { $0.bottleneck != nil }) else { throw wrong("absent without a bottleneck") }
    return rates
  }

  private static var network: Set<String> { ["encoder", "bottleneck", "merged", "from", "frozen"] }

  private static var transformer: Set<String> { network.union(["hidden", "layers", "heads", "head_width", "inner"]) }

  private func transformerSizes() throws(ImportError) -> (hidden: Int, layers: Int, heads: Heads, inner: Int) {
    let hidden = try self["hidden"].integer(1...16384)
    return (hidden, try self["layers"].integer(1...256), try heads(of: "hidden", hidden), try inner(hidden))
  }

  private typealias Heads = (count: Int, width: Int?)

  /// The heads of rows of the width that `field` tells; without a width of their own they have that together.
  private func heads(of field: String, _ width: Int) throws(ImportError) -> Heads {
    let count = try self["heads"].integer(1...width)
    guard self["head_width"].isAbsent else { return (count, try self["head_width"].integer(2...256)) }
    guard width % count == 0 else { throw self["heads"].wrong("a divisor of \(field) \(width)") }
    return (count, nil)
  }

  private func inner(_ width: Int) throws(ImportError) -> Int { try self["inner"].integer(1...65536, default: 4 * width) }

  private func bottleneck() throws(ImportError) -> MultimodalConfiguration.Bottleneck? {
    guard !self["bottleneck"].isAbsent else {
      guard self["merged"].isAbsent else { throw self["merged"].wrong("absent without bottleneck") }
      return nil
    }
    return MultimodalConfiguration.Bottleneck(
      width: try self["bottleneck"].integer(1...16384), merged: try self["merged"].integer(1...Window.maximum, default: 1))
  }

  fileprivate func imageTower() throws(ImportError) -> MultimodalConfiguration.Tower {
    let size = try self["size"].integer(1...ImageInput.largestEdge)
    switch try self["encoder"].string() {
    case "vit":
      try expect(members: Self.transformer.union(["size", "patch"]))
      let sizes = try transformerSizes()
      let patch = try self["patch"].integer(1...Window.maximum)
      guard size % patch == 0 else { throw self["patch"].wrong("a divisor of size \(size)") }
      let vision = VisionConfiguration(
        imageSize: size, patchSize: patch, hidden: sizes.hidden, layers: sizes.layers, heads: sizes.heads.count, intermediate: sizes.inner,
        tokens: 0, headWidth: sizes.heads.width)
      return MultimodalConfiguration.Tower(encoder: .vision(vision), bottleneck: try bottleneck())
    case "mobilenet":
      try expect(members: Self.network.union(["size", "first", "widths", "depths", "strides", "expansion", "expanded", "last"]))
      return MultimodalConfiguration.Tower(encoder: .mobileNet(try mobileNet(size: size)), bottleneck: try bottleneck())
    default: throw self["encoder"].wrong("vit or mobilenet")
    }
  }

  /// Stages by their widths, how many blocks each has, and the stride of its first. Blocks are as wide between as `expanded` tells, from
  /// the second on, or `expansion` times their inputs.
  private func mobileNet(size: Int) throws(ImportError) -> MobileNetConfiguration {
    let widths = try self["widths"].integers(1...16384, atMost: 32)
    let depths = try self["depths"].integers(1...64, atMost: 32)
    let strides = try self["strides"].integers(1...2, atMost: 32)
    guard !widths.isEmpty, depths.count == widths.count else { throw self["depths"].wrong("as many as widths") }
    guard strides.count == widths.count else { throw self["strides"].wrong("as many as widths") }
    let first = try self["first"].integer(1...16384)
    let expansion = try self["expansion"].integer(1...16, default: 6)
    let expanded = try self["expanded"].isAbsent ? nil : self["expanded"].integers(1...65536, atMost: 32 * 64)
    guard expanded.map({ $0.count == depths.reduce(-1, +) }) ?? true else {
      throw self["expanded"].wrong("a number for each block but the first, \(depths.reduce(-1, +))")
    }
    guard expanded == nil || self["expansion"].isAbsent else { throw self["expansion"].wrong("absent with expanded") }
    var inputs = first
    var stages: [[MobileNetConfiguration.Block]] = []
    for stage in widths.indices {
      let blocks = (0..<depths[stage]).map { place in
        defer { inputs = widths[stage] }
        let stride = place == 0 ? strides[stage] : 1
        let before = depths[..<stage].reduce(place - 1, +)
        return MobileNetConfiguration.Block(
          expanded: before < 0 ? nil : expanded?[before] ?? inputs * expansion, outputs: widths[stage], stride: stride,
          isResidual: stride == 1 && inputs == widths[stage] && (stage > 0 || place > 0))
      }
      stages.append(blocks)
    }
    return MobileNetConfiguration(
      imageSize: size, first: first, stages: stages, last: try self["last"].integer(1...16384), padding: .symmetric, epsilon: 1e-5)
  }

  fileprivate func pictures(_ encoder: MultimodalConfiguration.Encoder) throws(ImportError) -> ImageInput {
    let size = try self["size"].integer(1...ImageInput.largestEdge)
    return ImageInput(
      height: size, width: size, resize: .exact, filter: .bilinear, mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25])
  }

  fileprivate func soundTower() throws(ImportError) -> (MultimodalConfiguration.Tower, SoundInput) {
    guard try self["encoder"].string() == "wav2vec2" else { throw self["encoder"].wrong("wav2vec2") }
    try expect(members: Self.transformer.union(["rate", "samples", "widths", "kernels", "strides", "position_kernel", "position_groups"]))
    let sizes = try transformerSizes()
    let widths = try self["widths"].integers(1...16384, atMost: 32)
    let kernels = try self["kernels"].integers(1...Window.maximum, atMost: 32)
    let strides = try self["strides"].integers(1...Window.maximum, atMost: 32)
    guard !widths.isEmpty, kernels.count == widths.count else { throw self["kernels"].wrong("as many as widths") }
    guard strides.count == widths.count else { throw self["strides"].wrong("as many as widths") }
    let groups = try self["position_groups"].integer(1...sizes.hidden, default: 1)
    guard sizes.hidden % groups == 0 else { throw self["position_groups"].wrong("a divisor of hidden \(sizes.hidden)") }
    let sound = SoundInput(
      rate: try self["rate"].integer(SoundInput.rates), samples: try self["samples"].integer(1...Dimension.maximum), isNormalized: true)
    let configuration = Wav2Vec2Configuration(
      features: widths.indices.map { Wav2Vec2Configuration.Layer(width: widths[$0], kernel: kernels[$0], stride: strides[$0]) },
      norm: .layer, hasFeatureBias: true, hidden: sizes.hidden, layers: sizes.layers, heads: sizes.heads.count,
      intermediate: sizes.inner, positionKernel: try self["position_kernel"].integer(1...Window.maximum, default: 31),
      positionGroups: groups, isNormFirst: true, headWidth: sizes.heads.width)
    let encoder = MultimodalConfiguration.Encoder.wav2vec2(configuration, samples: sound.samples)
    return (MultimodalConfiguration.Tower(encoder: encoder, bottleneck: try bottleneck()), sound)
  }

  fileprivate func textTower(vocabulary: Int?) throws(ImportError) -> MultimodalConfiguration.Tower {
    guard try self["encoder"].string() == "bert" else { throw self["encoder"].wrong("bert") }
    try expect(members: Self.transformer.union(["longest", "positions", "tokenizer", "words"]))
    let sizes = try transformerSizes()
    guard let vocabulary else { throw self["tokenizer"].wrong("a directory with a tokenizer, where there are no words") }
    let longest = try self["longest"].integer(MultimodalDescription.textLengths)
    let bert = BertConfiguration(
      vocabulary: vocabulary, hidden: sizes.hidden, layers: sizes.layers, heads: sizes.heads.count, intermediate: sizes.inner,
      positions: try self["positions"].integer(longest...65535, default: longest), epsilon: 1e-12, headWidth: sizes.heads.width)
    return MultimodalConfiguration.Tower(encoder: .bert(bert, longest: longest), bottleneck: try bottleneck())
  }

  fileprivate func fusion(labels: Int) throws(ImportError) -> FusionConfiguration {
    try expect(members: ["width", "layers", "heads", "head_width", "inner", "experts", "cross_layers"])
    let width = try self["width"].integer(1...16384)
    let heads = try heads(of: "width", width)
    return FusionConfiguration(
      width: width, layers: try self["layers"].integer(0...256), heads: heads.count, inner: try inner(width), outputs: labels,
      experts: try self["experts"].integer(1...256, default: 1), headWidth: heads.width)
  }
}
