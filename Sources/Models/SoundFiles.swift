import BundleFormat
import JSONFormat
import ModelGraph

/// Reads how sound is prepared, from `preprocessor_config.json`.
struct SoundFiles {
  let directory: ModelDirectory

  /// A window has `samples`, else those of a second.
  func read(samples: Int?) throws(ImportError) -> SoundInput {
    let root = try ModelFile.json(directory.path + "/preprocessor_config.json")
    try root["feature_size"].expect(.integer(1))
    let rate = try root["sampling_rate"].integer(SoundInput.rates)
    guard (1...Dimension.maximum).contains(samples ?? rate) else {
      throw .badField(
        file: directory.path, field: "samples", expected: "an integer in 1...\(Dimension.maximum)", found: "\(samples ?? rate)")
    }
    return SoundInput(rate: rate, samples: samples ?? rate, isNormalized: try root["do_normalize"].boolean(default: true))
  }
}
