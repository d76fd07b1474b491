/// What makes a confidence of a model's answers: the share of the likeliest label in the softmax of its logits, or of similarities to
/// labels, over a temperature that was fitted so that answers of confidence p are right p of the time. (Guo et al. 2017)
package struct Confidence: Sendable, Equatable {
  /// What scores are divided by.
  package var temperature: Float
  /// From which on an answer needs no further modality; nil where the bundle does not tell.
  package var threshold: Float?

  package init(temperature: Float, threshold: Float? = nil) {
    self.temperature = temperature
    self.threshold = threshold
  }

  package static let temperatures: ClosedRange<Float> = 0x1p-20...0x1p20
  package static let thresholds: ClosedRange<Float> = 0...1
}

/// The keys of a bundle's `Confidence`.
package enum ConfidenceKeys {
  static let prefix = "tributary.activation."
  package static let temperature = "tributary.activation.temperature"
  /// May be absent.
  package static let threshold = "tributary.activation.threshold"

  static let all = [temperature, threshold]
}

extension Confidence {
  /// Nil where the header has none of the keys.
  init?(_ header: GGUFHeader, _ bytes: Span<UInt8>) throws(BundleError) {
    guard header.hasKeys(startingWith: ConfidenceKeys.prefix) else { return nil }
    self.init(temperature: try header.float(ConfidenceKeys.temperature, bytes))
    if header[ConfidenceKeys.threshold] != nil { threshold = try header.float(ConfidenceKeys.threshold, bytes) }
    if let unfitKey { throw header.badValue(unfitKey) }
  }

  func add(to encoder: inout GGUFEncoder) {
    encoder.add(ConfidenceKeys.temperature, temperature)
    if let threshold { encoder.add(ConfidenceKeys.threshold, threshold) }
  }

  /// The key whose value is out of range.
  var unfitKey: String? {
    guard Self.temperatures.contains(temperature) else { return ConfidenceKeys.temperature }
    guard threshold.map(Self.thresholds.contains) ?? true else { return ConfidenceKeys.threshold }
    return nil
  }
}
