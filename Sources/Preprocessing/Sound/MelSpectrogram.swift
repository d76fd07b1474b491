import CMath

/// Makes log-mel spectrograms, with tables made once.
package struct MelSpectrogram: Sendable {
  private static let kaldiFloor = 1.192092955078125e-07
  private static let whisperFloor = 1e-10
  private static let emphasis = 0.97

  package let options: MelOptions
  private let window: [Double]
  private let transform: FourierTransform
  private let filters: MelFilters

  /// `rate` is the sampling rate of the sounds.
  package init(_ options: MelOptions, rate: Int) {
    self.options = options
    let period = Double(options.style == .whisper ? options.frameLength : options.frameLength - 1)
    window = (0..<options.frameLength).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / period) }
    transform = FourierTransform(size: options.transformSize)
    filters = MelFilters(count: options.bins, spectrumBins: options.transformSize / 2 + 1, rate: rate, style: options.style)
  }

  /// How many frames a sound of that many samples gives.
  package func frames(of samples: Int) -> Int {
    switch options.style {
    case .whisper: samples / options.hop
    case .kaldi(let frames, _, _): frames
    }
  }

  /// [frames, bins]. The sound must be longer than a frame.
  package func features(of samples: [Float]) -> [Float] {
    switch options.style {
    case .whisper: whisper(samples)
    case .kaldi(let frames, let mean, let deviation): kaldi(samples, frames: frames, mean: mean, deviation: deviation)
    }
  }

  private func whisper(_ samples: [Float]) -> [Float] {
    var logs = melPowers(samples, frames: samples.count / options.hop, from: -(options.frameLength / 2)) {
      log10(max($0, Self.whisperFloor))
    }
    let least = (logs.max() ?? 0) - 8
    for index in logs.indices { logs[index] = (max(logs[index], least) + 4) / 4 }
    return logs
  }

  private func kaldi(_ samples: [Float], frames: Int, mean: Float, deviation: Float) -> [Float] {
    let inside = samples.count < options.frameLength ? 0 : 1 + (samples.count - options.frameLength) / options.hop
    var logs = melPowers(samples, frames: min(frames, inside), from: 0) { log(max($0, Self.kaldiFloor)) }
    logs += [Float](repeating: 0, count: frames * options.bins - logs.count)
    for index in logs.indices { logs[index] = (logs[index] - mean) / (2 * deviation) }
    return logs
  }

  /// Frames are transformed two at a time, as the real and the imaginary part of one signal.
  private func melPowers(_ samples: [Float], frames: Int, from start: Int, _ log: (Double) -> Double) -> [Float] {
    var logs: [Float] = []
    logs.reserveCapacity(frames * options.bins)
    var signal = [SIMD2<Double>](repeating: .zero, count: options.transformSize)
    var spectrum = signal
    for frame in stride(from: 0, to: frames, by: 2) {
      load(samples, at: start + frame * options.hop, into: &signal, part: 0)
      load(samples, at: start + (frame + 1) * options.hop, into: &signal, part: 1)
      transform.transform(signal, into: &spectrum)
      for part in 0..<min(2, frames - frame) {
        filters.apply(to: powers(of: part, in: spectrum)) { logs.append(Float(log($0))) }
      }
    }
    return logs
  }

  /// Puts a frame through the window into the real (0) or imaginary (1) part of a signal.
  private func load(_ samples: [Float], at start: Int, into signal: inout [SIMD2<Double>], part: Int) {
    for index in window.indices { signal[index][part] = Double(samples[Self.mirrored(start + index, samples.count)]) }
    if options.style != .whisper { emphasize(&signal, part) }
    for index in window.indices { signal[index][part] *= window[index] }
  }

  /// Takes the mean off, then from each sample a share of the one before.
  private func emphasize(_ signal: inout [SIMD2<Double>], _ part: Int) {
    var sum = 0.0
    for index in window.indices { sum += signal[index][part] }
    let mean = sum / Double(window.count)
    var before = signal[0][part] - mean
    for index in window.indices {
      let value = signal[index][part] - mean
      signal[index][part] = value - Self.emphasis * before
      before = value
    }
  }

  /// The index in a sound mirrored at its first and last sample; anywhere inside for places farther away.
  private static func mirrored(_ index: Int, _ count: Int) -> Int {
    let above = index < 0 ? -index : index
    return max(0, min(above < count ? above : 2 * (count - 1) - above, count - 1))
  }

  private func powers(of part: Int, in spectrum: [SIMD2<Double>]) -> [Double] {
    let size = spectrum.count
    return (0...size / 2).map { bin in
      let (value, mirror) = (spectrum[bin], spectrum[bin == 0 ? 0 : size - bin])
      let conjugate = SIMD2(mirror.x, -mirror.y)
      let both = part == 0 ? value + conjugate : value - conjugate
      return (both.x * both.x + both.y * both.y) / 4
    }
  }
}
