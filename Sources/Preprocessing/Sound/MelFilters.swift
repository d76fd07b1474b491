import CMath

/// Triangular filters over the bins of a power spectrum, evenly spaced on a mel scale.
struct MelFilters: Sendable {
  /// For each filter the first bin that has a weight, and the weights from there on.
  private let filters: [(first: Int, weights: [Double])]

  /// - Parameters:
  ///   - spectrumBins: Half the size of the transform, and one.
  ///   - rate: The sampling rate.
  init(count: Int, spectrumBins: Int, rate: Int, style: MelOptions.Style) {
    let scale: MelScale = style == .whisper ? .slaney : .kaldi
    let (low, high) = (scale.mel(of: scale == .slaney ? 0 : 20), scale.mel(of: Double(rate / 2)))
    let mels = (0..<count + 2).map { low + (high - low) * Double($0) / Double(count + 1) }
    let hertz = (0..<spectrumBins).map { Double(rate / 2) * Double($0) / Double(spectrumBins - 1) }
    switch scale {
    case .slaney:
      let edges = mels.map { MelScale.hertzOfSlaney($0) }
      filters = (0..<count).map { Self.triangle(hertz, edges[$0], edges[$0 + 1], edges[$0 + 2], height: 2 / (edges[$0 + 2] - edges[$0])) }
    case .kaldi:
      let places = hertz.map { scale.mel(of: $0) }
      filters = (0..<count).map { Self.triangle(places, mels[$0], mels[$0 + 1], mels[$0 + 2], height: 1) }
    }
  }

  private static func triangle(_ places: [Double], _ left: Double, _ top: Double, _ right: Double, height: Double) -> (Int, [Double]) {
    let first = places.firstIndex { $0 > left } ?? places.count
    let weights = places[first...].prefix { $0 < right }.map { height * min(($0 - left) / (top - left), (right - $0) / (right - top)) }
    return (first, weights)
  }

  /// Calls `body` with the power that each filter lets through.
  func apply(to power: [Double], _ body: (Double) -> Void) {
    for filter in filters {
      var sum = 0.0
      for index in filter.weights.indices { sum += filter.weights[index] * power[filter.first + index] }
      body(sum)
    }
  }
}

/// Scales of pitch.
private enum MelScale {
  /// Linear up to 1 kHz, logarithmic above (Slaney's Auditory Toolbox, 1998).
  case slaney
  /// 1127 ln(1 + f ÷ 700)
  case kaldi

  private static let slaneyStep = log(6.4) / 27

  func mel(of hertz: Double) -> Double {
    switch self {
    case .slaney: hertz < 1000 ? 3 * hertz / 200 : 15 + log(hertz / 1000) / Self.slaneyStep
    case .kaldi: 1127 * log(1 + hertz / 700)
    }
  }

  static func hertzOfSlaney(_ mel: Double) -> Double { mel < 15 ? 200 * mel / 3 : 1000 * exp(slaneyStep * (mel - 15)) }
}
