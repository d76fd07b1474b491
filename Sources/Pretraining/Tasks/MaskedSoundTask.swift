import Autograd
import ModelGraph
import Models
import Preprocessing
import Randomness
import Training

/// The spectra of stretches that were silenced are told from the rest. (Spans: Baevski et al. 2020; spectra: Liu et al. 2021, TERA)
struct MaskedSoundTask {
  let weight: Float
  let share: Float
  /// Samples from one row of the encoder to the next.
  let hop: Int
  private let spectrogram: MelSpectrogram
  /// Rows of a stretch.
  private static let stretch = 8

  /// Samples that a spectrum sees.
  private static let window = 400

  init(weight: Float, share: Float, hop: Int, rate: Int) throws(MediaError) {
    self.weight = weight
    self.share = share
    self.hop = hop
    spectrogram = MelSpectrogram(
      try MelOptions(
        style: .whisper, bins: PretrainingTensors.spectrumWidth, frameLength: Self.window, hop: hop, transformSize: Self.window),
      rate: rate)
  }

  struct Target {
    /// A spectrum for each row.
    var spectra: [Float] = []
    var isSilenced: [Bool] = []
  }

  /// Silences stretches. Returns the spectra that were there.
  func cover(_ sample: inout PreparedSample, random: inout CounterRandom) -> Target {
    guard var samples = sample.samples else { return Target() }
    let frames = spectrogram.frames(of: samples.count)
    var target = Target(spectra: spectrogram.features(of: samples), isSilenced: [Bool](repeating: false, count: frames))
    for start in 0..<frames where random.uniform() < share / Float(Self.stretch) {
      for frame in start..<min(start + Self.stretch, frames) { target.isSilenced[frame] = true }
    }
    for frame in 0..<frames where target.isSilenced[frame] {
      for index in frame * hop..<min((frame + 1) * hop, samples.count) { samples[index] = 0 }
    }
    sample.samples = samples
    return target
  }

  func callAsFunction(_ batch: TaskBatch, targets: [Target]) -> TaskLoss {
    guard let id = batch.tensors.heads.spectra, let rows = batch.tape[id] else { return TaskLoss(loss: 0) }
    let width = rows.columns
    var (all, isCounted) = ([Float](), [Bool]())
    for (sample, target) in targets.enumerated() {
      let count = rows.layout[sample].count
      let known = min(count, target.isSilenced.count)
      all += target.spectra.prefix(known * width) + [Float](repeating: 0, count: (count - known) * width)
      isCounted += target.isSilenced.prefix(known) + [Bool](repeating: false, count: count - known)
    }
    let loss = MaskedPatchLoss(normalizes: false)(
      rows, targets: all, isRemoved: isCounted, gradient: batch.tape.gradient(of: id), weight: weight)
    return TaskLoss(loss: loss)
  }
}
