import BundleFormat
package import Dataset
import Evaluation
import ModelGraph
import Training

/// What crosses to a peer, and what it is good for: of a bundle, at each of its rate points.
package struct RateCurve: Sendable {
  package struct Point: Sendable {
    /// Of the bottlenecks' columns.
    package let share: Float
    /// Mean of a request with all modalities, compressed.
    package let bytes: Double
    /// Of the fusion.
    package let accuracy: Double
  }

  package let points: [Point]
  /// Mean of the files that a request would else send: picture, sound and text, as the set has them.
  package let rawBytes: Double
  /// Median of a request with all modalities, all of it on this machine.
  package let milliseconds: Double

  /// Nil where nothing crosses or there is no fusion.
  package init?(_ answers: BundleAnswers, set: DatasetDirectory, split: String, atMost most: Int) throws {
    guard answers.hasCrossing, answers.graph.outputs.contains(where: { answers.graph[$0].name == "logits" }) else { return nil }
    let samples = try Self.samples(answers, set, split, atMost: most)
    guard !samples.isEmpty else { return nil }
    let inputs = ExampleInputs(answers.graph)
    points = try ((answers.ratePoints?.shares ?? []) + [1]).map { share in
      var (bytes, correct) = (0, 0)
      for sample in samples {
        let found = try answers.crossed(inputs.example(sample.prepared), share: share)
        bytes += found.bytes
        guard let logits = found.outputs["logits"] else { continue }
        if Ranking.rank(of: sample.prepared.concept, in: logits[...]) == 0 { correct += 1 }
      }
      return Point(share: share, bytes: Double(bytes) / Double(samples.count), accuracy: Double(correct) / Double(samples.count))
    }
    rawBytes = Double(samples.reduce(0) { $0 + $1.bytes }) / Double(samples.count)
    let times = try samples.prefix(100).map { try answers.milliseconds(inputs.example($0.prepared)) }
    milliseconds = times.sorted()[times.count / 2]
  }

  private typealias RawSample = (prepared: PreparedSample, bytes: Int)

  private static func samples(
    _ answers: BundleAnswers, _ set: DatasetDirectory, _ split: String, atMost most: Int
  ) throws -> [RawSample] {
    let preparation = try SamplePreparation(
      image: answers.image, sound: answers.sound, tokenizer: answers.tokenizer, rate: set.description.rate)
    let modalities = Set(Modality.allCases.filter { answers.graph.input(of: $0) != nil })
    let stream = try SampleStream(shards: set.shards(of: split), order: .stored, batch: 32, seed: 1)
    let loader = try Loader(stream) { sample, random throws(SampleFault) in
      let raw = sample.members.filter { ["jpg", "jpeg", "png", "wav", "txt"].contains($0.key) }
      return (prepared: try preparation.prepare(sample, modalities, &random), bytes: raw.reduce(0) { $0 + $1.value.count })
    }
    return try loader.next(atMost: most)
  }
}
