import JSONFormat
import ModelGraph

extension MultimodalDescription {
  /// The parts of a model whose insides can become narrower.
  package static let parts = Modality.allCases.map(\.rawValue) + ["fusion", "local"]

  /// The sizes of a model of which those shares are left, by part: of heads, of the widths between the two products of feed-forward parts,
  /// and of the channels inside inverted residuals. Widths between layers stay. What is left fills blocks of weights where it can.
  package func narrowed(to shares: [String: Double]) throws(ImportError) -> MultimodalDescription {
    var narrower = fields
    for (part, share) in shares.sorted(by: { $0.key < $1.key }) {
      guard (0...1).contains(share), let insides = insides(of: part) else {
        throw fields[part].wrong("a part of the model, and a share from 0 to 1")
      }
      switch insides {
      case .transformer(let heads, let headWidth, let inner):
        let count = Self.kept(heads, unit: headWidth, share: share)
        narrower = narrower.replacing("\(part).heads", with: .integer(count))
          .replacing("\(part).head_width", with: .integer(headWidth))
          .replacing("\(part).inner", with: .integer(Self.kept(inner, unit: 1, share: share)))
      case .residuals(let widths):
        let expanded = widths.map { Json.integer(Self.kept($0, unit: 1, share: share)) }
        narrower = narrower.replacing("\(part).expansion", with: .null).replacing("\(part).expanded", with: .array(expanded))
      }
    }
    let labels = configuration.fusion?.outputs ?? configuration.local?.outputs ?? 0
    return try MultimodalDescription(narrower, vocabulary: vocabulary, labels: labels)
  }

  /// What can become narrower.
  private enum Insides {
    case transformer(heads: Int, headWidth: Int, inner: Int)
    /// Channels of each block that has an expansion.
    case residuals([Int])

    init(width: Int, heads: Int, headWidth: Int?, inner: Int) {
      self = .transformer(heads: heads, headWidth: headWidth ?? width / heads, inner: inner)
    }

    init(_ fusion: FusionConfiguration) {
      self.init(width: fusion.width, heads: fusion.heads, headWidth: fusion.headWidth, inner: fusion.inner)
    }

    init(_ encoder: MultimodalConfiguration.Encoder) {
      switch encoder {
      case .vision(let own): self.init(width: own.hidden, heads: own.heads, headWidth: own.headWidth, inner: own.intermediate)
      case .wav2vec2(let own, _): self.init(width: own.hidden, heads: own.heads, headWidth: own.headWidth, inner: own.intermediate)
      case .bert(let own, _): self.init(width: own.hidden, heads: own.heads, headWidth: own.headWidth, inner: own.intermediate)
      case .mobileNet(let own): self = .residuals(own.stages.flatMap { $0 }.compactMap(\.expanded))
      }
    }
  }

  private func insides(of part: String) -> Insides? {
    switch part {
    case "fusion": configuration.fusion.map { Insides($0) }
    case "local": configuration.local.map { Insides($0) }
    default: configuration.towers.first { $0.encoder.modality.rawValue == part }.map { Insides($0.encoder) }
    }
  }

  /// How many of `count` units of that width are left of a share: as many as fill whole blocks, at least one block's, and at most all.
  private static func kept(_ count: Int, unit: Int, share: Double) -> Int {
    let step = (1...Operation.blockOutputs).first { $0 * unit % Operation.blockOutputs == 0 } ?? 1
    return min(count, max(1, Int((share * Double(count) / Double(step)).rounded())) * step)
  }

  private var vocabulary: Int? {
    for case .bert(let bert, _) in configuration.towers.map(\.encoder) { return bert.vocabulary }
    return nil
  }
}
