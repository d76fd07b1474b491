import Autograd
import Foundation
import Randomness
import Testing
import Training

@Suite struct WatchingTests {
  @Test func groupsShareTheGradient() throws {
    let training = try SmallTraining()
    let report = try training.step()
    #expect(report.groups.map(\.name) == ["table", "first", "rest"])
    let sum = report.groups.reduce(0) { $0 + $1.gradientNorm * $1.gradientNorm }
    #expect(abs(sum.squareRoot() - report.gradientNorm) < 1e-9 && report.groups.allSatisfy { $0.gradientNorm > 0 })
    #expect(report.groups.allSatisfy { $0.balance == nil && !$0.isVanishing })
  }

  /// What is not trained is in no group, and a group without anything that is trained is none.
  @Test func frozenParametersAreNotWatched() throws {
    let graph = try TinyModels.bertGraph()
    let names = try ParameterLayout(graph).entries.map(\.name)
    let layout = try ParameterLayout(graph, frozen: Set(names.filter { $0.hasPrefix("embeddings.") || $0.hasSuffix(".bias") }))
    let groups = ParameterGroups(
      layout, [.init(name: "table", prefixes: ["embeddings."]), .init(name: "all", prefixes: ["encoder.layer."])])
    #expect(groups.names == ["all"] && groups.entries(of: "table").isEmpty)
    #expect(groups.entries(of: "all") == layout.entries.indices.filter { layout.entries[$0].isTrained })
    #expect(groups.sums(layout.entries.map { _ in 1 }) == [Double(groups.entries(of: "all").count)])
  }

  @Test func partsAreMeansAndScoresAreSums() throws {
    let training = try SmallTraining()
    var parts = [1.0, 4]
    let report = try training.trainer.step([TinyModels.texts, TinyModels.texts]) { _ in
      BatchLoss(0.5, parts: ["words": parts.removeFirst()], scores: ["table": 2])
    }
    #expect(report.loss == BatchLoss(0.5, parts: ["words": 2.5], scores: ["table": 4]))
    let scalars = Dictionary(uniqueKeysWithValues: report.scalars.map { ($0.tag, $0.value) })
    #expect(scalars["loss/total"] == 0.5 && scalars["loss/words"] == 2.5 && scalars["gradient/first"] == 0)
  }

  /// The rest of a group's gradients is 10⁻¹² of another's, then no longer.
  @Test func vanishingGradientsAreTold() {
    var settings = GradientWatch.Settings()
    settings.patience = 3
    var watch = GradientWatch(groups: 2, settings: settings)
    let faint = (0..<4).map { _ in watch.vanishing([1, 1e-12]) }
    #expect(faint == [[false, false], [false, false], [false, true], [false, true]])
    #expect(watch.vanishing([1, 0.01]) == [false, false])
    #expect(watch.vanishing([0, 0]) == [false, false])
  }

  @Test func explosionsAreFarFromTheMedian() {
    var settings = GradientWatch.Settings()
    settings.window = 5
    settings.explosion = 10
    var watch = GradientWatch(groups: 1, settings: settings)
    #expect([1, 2, 1000, 3, 4].map { watch.explosion(of: $0) } == [nil, nil, nil, nil, nil])
    #expect(watch.explosion(of: 31) == 3)
    #expect(watch.explosion(of: 30) == nil)
    // 1 has left, 30 has come.
    #expect(watch.explosion(of: 41) == 4)
  }

  @Test func leavingAPlateauIsNoExplosion() {
    var settings = GradientWatch.Settings()
    settings.window = 5
    settings.explosion = 10
    var watch = GradientWatch(groups: 1, settings: settings)
    for _ in 0..<10 { #expect(watch.explosion(of: 2) == nil) }
    for _ in 0..<10 { #expect(watch.explosion(of: 0.01) == nil) }
    #expect(watch.explosion(of: 19) == nil)
    #expect(watch.explosion(of: 21) == 2)
  }

  @Test func progressTellsRatesAndTime() {
    var progress = TrainingProgress(steps: 1000, done: 100, at: 50)
    #expect(progress.line == "step 100 of 1000" && progress.loss == nil)
    for step in 1...400 { progress.advance(loss: 0.25, samples: 64, at: 50 + Double(step) * 0.5) }
    #expect(progress.line == "step 500 of 1000  loss 0.2500  128 samples/s  4 min left")
    #expect(progress.bar == "[############............] 500/1000  loss 0.2500  128 samples/s  4 min left")
    // Ten times as slow: soon the rate is that of the last steps.
    for step in 1...200 { progress.advance(loss: 0, samples: 8, at: 250 + Double(step) * 5) }
    #expect(progress.line == "step 700 of 1000  loss 0.0000  1.6 samples/s  25 min left")
    var long = TrainingProgress(steps: 2_000_000, at: 0)
    long.advance(loss: 3, samples: 1, at: 0.1)
    #expect(long.bar.hasSuffix("10.0 samples/s  55 h 33 min left") || long.bar.hasSuffix("10 samples/s  55 h 33 min left"))
  }
}

@Suite struct ModulationTests {
  @Test func theDominantModalityIsHeldBack() throws {
    let balance = Modulation(alpha: 0.5).balance(["image": 30, "sound": 10])
    #expect(balance.mapValues(\.ratio) == ["image": 3, "sound": 1.0 / 3])
    #expect(balance.mapValues(\.coefficient) == ["image": 1 - tanh(1.5), "sound": 1])
    // Of three, each beside the mean of the others.
    #expect(Modulation().balance(["image": 30, "sound": 10, "text": 20]).mapValues(\.ratio) == ["image": 2, "sound": 0.4, "text": 1])
    #expect(Modulation().balance(["image": 30]).isEmpty)
    #expect(Modulation().balance(["image": 3, "sound": 0])["image"]?.coefficient == 0)
  }

  @Test func scoresAreProbabilitiesOfTheTargets() {
    let memory = FloatMemory(count: 6)
    _ = memory.values.update(from: [0, log(3), 1000, 1000, 5, 5])
    let rows = Rows(start: memory.start, layout: RowLayout([3]), columns: 2)
    #expect(abs(Modulation.score(rows, targets: [1, 0, -1]) - 1.25) < 1e-6)
  }

  /// Without noise the gradient of the group is that of the same step, times the coefficient.
  @Test func gradientsAreMultiplied() throws {
    let (plain, held) = (try SmallTraining(), try SmallTraining(modulation: Modulation(alpha: 0.3, noise: 0)))
    let scores = ["table": 1.0, "first": 2.0]
    let (a, b) = (try plain.step { $0.scores = scores }, try held.step { $0.scores = scores })
    let coefficient = 1 - tanh(0.6)
    #expect(b.groups.map { $0.balance?.coefficient } == [1, coefficient, nil])
    #expect(a.groups.map(\.gradientNorm) == b.groups.map(\.gradientNorm))
    let expected = zip(a.groups, [1, coefficient, 1]).reduce(0) { $0 + $1.0.gradientNorm * $1.0.gradientNorm * $1.1 * $1.1 }
    #expect(abs(b.gradientNorm - expected.squareRoot()) < 1e-6 * b.gradientNorm)
  }

  /// The noise has the deviation of the gradient, is the same on any number of threads, and other in every entry and step.
  @Test func noiseFollowsTheGradient() throws {
    let layout = try ParameterLayout(TinyModels.bertGraph())
    func noisy(threads: Int, stream: UInt64) throws -> [Float] {
      let memory = ParameterMemory(layout)
      for index in memory[0].indices { memory[0][index] = 3 + (index % 2 == 0 ? 0.5 : -0.5) }
      memory.modulate(0, factor: 0, noise: 2, random: CounterRandom(seed: 1, stream: stream), try Workers(count: threads))
      return Array(memory[0])
    }
    let noise = try noisy(threads: 1, stream: 7)
    let deviation = (noise.reduce(0) { $0 + $1 * $1 } / Float(noise.count)).squareRoot()
    #expect(abs(deviation - 1) < 0.15, "\(deviation) over \(noise.count)")
    #expect(try noise == noisy(threads: 2, stream: 7) && noise != noisy(threads: 1, stream: 8))
  }
}
