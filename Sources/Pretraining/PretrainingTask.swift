package import ModelGraph
import Models

/// What a model learns from.
package enum PretrainingTask: Hashable, Sendable {
  /// Embeddings of two modalities find each other among those of a batch.
  case contrast(Modality, Modality)
  /// The fusion's logits tell the concept.
  case classification
  /// The local fusion's logits tell it.
  case localClassification
  /// The fusion tells what belongs together from what was put together.
  case matching
  /// Tokens that were covered, from all that is left.
  case maskedText
  /// Patches that were covered. (He et al. 2021; Xie et al. 2021)
  case maskedImage
  /// Spectra of stretches that were silenced. (Baevski et al. 2020; Hsu et al. 2021)
  case maskedSound
  /// A caption, word after word, from image and sound.
  case caption
  /// What bottlenecks make takes few bits.
  case rate
  /// Embeddings are where a teacher's are.
  case teacherEmbedding
  /// Pairs are as alike as for a teacher.
  case teacherAffinity
  /// The fusion's logits are as those of a teacher that has all modalities.
  case teacherLogits
  /// Those of the local fusion are.
  case teacherLocalLogits
  /// The attention of an encoder's last layer relates its rows as the teacher's does.
  case teacherRelations(Modality)
  /// An encoder's hidden states tell those of the teacher's layers.
  case teacherHidden(Modality)
  /// The rows of an encoder's last layer tell those of several of the teacher's.
  case teacherPrediction(Modality)
}

extension PretrainingTask {
  private static let contrasts: [(Modality, Modality)] = [(.image, .text), (.sound, .text), (.image, .sound)]

  /// Every task.
  package static var all: [PretrainingTask] {
    contrasts.map { .contrast($0, $1) } + [
      .classification, .localClassification, .matching, .maskedText, .maskedImage, .maskedSound, .caption, .rate,
      .teacherEmbedding, .teacherAffinity, .teacherLogits, .teacherLocalLogits,
    ] + Modality.allCases.flatMap { [.teacherRelations($0), .teacherHidden($0), .teacherPrediction($0)] }
  }

  /// The name in experiments.
  package var name: String {
    switch self {
    case .contrast(let a, let b): "\(a.rawValue)-\(b.rawValue)"
    case .classification: "classification"
    case .localClassification: "local-classification"
    case .matching: "matching"
    case .maskedText: "masked-text"
    case .maskedImage: "masked-image"
    case .maskedSound: "masked-sound"
    case .caption: "caption"
    case .rate: "rate"
    case .teacherEmbedding: "teacher-embedding"
    case .teacherAffinity: "teacher-affinity"
    case .teacherLogits: "teacher-logits"
    case .teacherLocalLogits: "teacher-local-logits"
    case .teacherRelations(let modality): "teacher-\(modality.rawValue)-relations"
    case .teacherHidden(let modality): "teacher-\(modality.rawValue)-hidden"
    case .teacherPrediction(let modality): "teacher-\(modality.rawValue)-prediction"
    }
  }

  /// The task of that name.
  package init?(name: String) {
    guard let task = Self.all.first(where: { $0.name == name }) else { return nil }
    self = task
  }

  /// What examples must have; of a model without a modality the others are enough where all are named.
  var modalities: Set<Modality> {
    switch self {
    case .contrast(let a, let b): [a, b]
    case .classification, .localClassification, .matching, .maskedText, .caption, .rate, .teacherEmbedding, .teacherAffinity,
      .teacherLogits, .teacherLocalLogits:
      Set(Modality.allCases)
    case .maskedImage: [.image]
    case .maskedSound: [.sound]
    case .teacherRelations(let modality), .teacherHidden(let modality), .teacherPrediction(let modality): [modality]
    }
  }

  /// The modality of the encoder's layers that it reads, if it does.
  var layers: Modality? {
    switch self {
    case .teacherRelations(let modality), .teacherHidden(let modality), .teacherPrediction(let modality): modality
    default: nil
    }
  }

  /// Whether it reads the fusion's rows, or has a decoder of the fusion's sizes.
  var needsFusion: Bool {
    switch self {
    case .classification, .matching, .maskedText, .caption, .teacherLogits: true
    case .contrast, .localClassification, .rate, .maskedImage, .maskedSound, .teacherEmbedding, .teacherAffinity, .teacherLocalLogits,
      .teacherRelations, .teacherHidden, .teacherPrediction:
      false
    }
  }

  /// Whether it reads the local fusion's logits.
  var needsLocalFusion: Bool { self == .localClassification || self == .teacherLocalLogits }

  /// Whether it learns from a teacher.
  var needsTeacher: Bool {
    layers != nil || [.teacherEmbedding, .teacherAffinity, .teacherLogits, .teacherLocalLogits].contains(self)
  }

  /// What it predicts with, but for a product over each layer that it reads.
  var head: PretrainingHead? {
    switch self {
    case .contrast, .classification, .localClassification, .rate, .teacherEmbedding, .teacherAffinity, .teacherLogits,
      .teacherLocalLogits, .teacherRelations, .teacherHidden, .teacherPrediction:
      nil
    case .matching: .matching
    case .maskedText: .tokens
    case .maskedImage: .patches
    case .maskedSound: .spectra
    case .caption: .caption
    }
  }

  /// What a model lacks for it; nil where it can learn from it.
  func obstacle(_ configuration: MultimodalConfiguration) -> String? {
    let present = Set(configuration.towers.map(\.encoder.modality))
    switch self {
    case .contrast(let a, let b): return [a, b].first { !present.contains($0) }.map { "no \($0.rawValue)" }
    case .teacherEmbedding: return nil
    case .rate: return configuration.towers.contains { $0.bottleneck != nil } ? nil : "no bottleneck"
    case .teacherAffinity: return present.contains(.text) && present.count > 1 ? nil : "no pairs with texts"
    case .classification, .matching, .teacherLogits: return configuration.fusion == nil ? "no fusion" : nil
    case .localClassification, .teacherLocalLogits: return configuration.local == nil ? "no local fusion" : nil
    case .maskedText, .caption:
      if !present.contains(.text) { return "no text" }
      if self == .caption, present.count < 2 { return "nothing to tell of" }
      return configuration.fusion == nil ? "no fusion" : nil
    case .maskedImage:
      let hasPatches = configuration.towers.contains { if case .vision = $0.encoder { true } else { false } }
      return hasPatches ? nil : "no image encoder with patches"
    case .maskedSound: return present.contains(.sound) ? nil : "no sound"
    case .teacherRelations(let modality), .teacherHidden(let modality), .teacherPrediction(let modality):
      return present.contains(modality) ? nil : "no \(modality.rawValue)"
    }
  }
}
