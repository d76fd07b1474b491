import Wire

/// What a device knows that its peer holds, for the time of one connection.
struct SentFeatures {
  private struct Base {
    let request: UInt32
    let split: UInt16
    let sequence: UInt16
    let present: UInt16
    let features: [UInt8]
  }

  /// The last features that were answered, if the peer was asked to keep them.
  private var base: Base?
  /// The names of the features that were answered, the latest last.
  private var names: [FeatureName] = []
  /// Of the request under way.
  private var name: FeatureName?

  /// The smallest body that the peer can make the features from.
  mutating func encode(_ features: [UInt8], _ request: SplitRequest, _ encoder: FeatureEncoder) -> EncodedFeatures {
    let name = FeatureName(of: features)
    self.name = name
    if names.contains(name) { return EncodedFeatures(named: name) }
    guard let base, base.split == request.split, base.sequence == request.sequence, base.present == request.present else {
      return encoder.encode(features)
    }
    return encoder.encode(features, base: (base.request, base.features))
  }

  /// The peer has answered a request.
  mutating func answered(_ request: SplitRequest, id: UInt32, kept: Bool, remembering limit: Int) {
    guard case .features(let features, let split) = request.body, let name else { return }
    names.removeAll { $0 == name }
    names.append(name)
    if names.count > limit { names.removeFirst() }
    guard kept else { return }
    base = Base(request: id, split: split, sequence: request.sequence, present: request.present, features: features)
  }

  /// The peer does not hold what it was thought to.
  mutating func forgetAll() { self = SentFeatures() }
}
