import Autograd
import Foundation
import Randomness
import TestSupport
import Testing

private struct GoldenLoss: Decodable {
  let loss: Double
  let inputs: [[Float]]
  let gradients: [[Float]]
}

/// Rows in memory that lives as long as they are used.
private final class TestRows {
  private let memory: FloatMemory
  let rows: Rows

  init(_ values: [Float], columns: Int) {
    memory = FloatMemory(count: values.count)
    _ = memory.values.update(from: values)
    rows = Rows(start: memory.start, layout: RowLayout([values.count / columns]), columns: columns)
  }

  convenience init(zeros count: Int, columns: Int) { self.init(Array(repeating: 0, count: count), columns: columns) }

  var values: [Float] { Array(memory.values) }
}

/// Losses and their gradients as PyTorch has them, see tools/oracles/training.py.
@Suite struct LossTests {
  private static let golden: [String: GoldenLoss] = {
    guard let file = Bundle.module.url(forResource: "Golden/losses", withExtension: "json"), let data = try? Data(contentsOf: file) else {
      return [:]
    }
    return (try? JSONDecoder().decode([String: GoldenLoss].self, from: data)) ?? [:]
  }()

  private static let targets: [Int32] = [2, -100, 5, 0]

  private func golden(_ name: String) throws -> GoldenLoss { try #require(Self.golden[name]) }

  private func expect(_ found: [Float], _ expected: [Float], factor: Float = 1, _ what: Comment) {
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) { #expect(abs(a - factor * b) < 2e-6 + 1e-5 * abs(b), what) }
  }

  /// A loss over one input: weight 2, and a gradient that is added to what is there.
  private func check(_ name: String, _ loss: (Rows, Rows, [Float]) -> Double) throws {
    let golden = try golden(name)
    let x = TestRows(golden.inputs[0], columns: 6)
    let gradient = TestRows(Array(repeating: 1, count: 24), columns: 6)
    let value = loss(x.rows, gradient.rows, try self.golden("targets").inputs[0])
    #expect(abs(value - golden.loss) < 1e-6 * max(1, abs(golden.loss)), "\(name): \(value) for \(golden.loss)")
    expect(gradient.values.map { $0 - 1 }, golden.gradients[0], factor: 2, "\(name)")
  }

  @Test func rowsWithTargets() throws {
    try check("cross-entropy") { SoftmaxCrossEntropy()($0, targets: Self.targets, gradient: $1, weight: 2) + 0 * Double($2[0]) }
    try check("cross-entropy-smooth") { x, gradient, _ in
      SoftmaxCrossEntropy(smoothing: 0.1)(x, targets: Self.targets, gradient: gradient, weight: 2)
    }
    try check("masked-patches") {
      MaskedPatchLoss()($0, targets: $2, isRemoved: [true, false, true, true], gradient: $1, weight: 2)
    }
    try check("mean-squared-error") { MeanSquaredError()($0, targets: $2, gradient: $1, weight: 2) }
    try check("code-bits") { CodeBits()($0, gradient: $1, weight: 2) + 0 * Double($2[0]) }
    try check("cosine") { CosineDistance()($0, targets: $2, gradient: $1, weight: 2) }
    try check("layer-prediction") { LayerPredictionLoss()($0, targets: $2, gradient: $1, weight: 2) }
    try check("kullback-leibler") { KullbackLeibler(temperature: 2)($0, teacher: $2, gradient: $1, weight: 2) }
  }

  @Test func withoutTargetsThereIsNoLoss() {
    let (x, gradient) = (TestRows([1, 2, 3, 4], columns: 2), TestRows(zeros: 4, columns: 2))
    #expect(SoftmaxCrossEntropy()(x.rows, targets: [-100, -100], gradient: gradient.rows) == 0)
    #expect(MaskedPatchLoss()(x.rows, targets: [1, 1, 1, 1], isRemoved: [false, false], gradient: gradient.rows) == 0)
    #expect(gradient.values == [0, 0, 0, 0])
  }

  @Test(arguments: [1, 2]) func vocabulary(threads: Int) throws {
    let golden = try golden("vocabulary")
    let (x, table) = (TestRows(golden.inputs[0], columns: 6), TestRows(golden.inputs[1], columns: 6))
    let bias = TestRows(golden.inputs[2], columns: 9)
    let (dx, dtable, dbias) = (TestRows(zeros: 24, columns: 6), TestRows(zeros: 54, columns: 6), TestRows(zeros: 9, columns: 9))
    let loss = VocabularyCrossEntropy(
      table: table.rows.start, tableGradient: dtable.rows.start, bias: bias.rows.start, biasGradient: dbias.rows.start, vocabulary: 9)
    let value = loss(x.rows, targets: [8, 3, -100, 0], gradient: dx.rows, workers: try Workers(count: threads))
    #expect(abs(value - golden.loss) < 1e-6)
    expect(dx.values, golden.gradients[0], "rows")
    expect(dtable.values, golden.gradients[1], "table")
    expect(dbias.values, golden.gradients[2], "bias")
  }

  @Test(arguments: [("contrastive", Float(1.2)), ("contrastive-clamped", 5)]) func contrastive(name: String, logScale: Float) throws {
    let golden = try golden(name)
    let (a, b) = (TestRows(golden.inputs[0], columns: 6), TestRows(golden.inputs[1], columns: 6))
    let (da, db) = (TestRows(zeros: 24, columns: 6), TestRows(zeros: 24, columns: 6))
    let (loss, slope) = ContrastiveLoss()(
      a.rows, b.rows, logScale: logScale, gradients: (da.rows, db.rows), workers: try Workers(count: 2))
    #expect(abs(loss - golden.loss) < 1e-5 * max(1, golden.loss))
    for (found, expected) in [(da, golden.gradients[0]), (db, golden.gradients[1])] {
      for (x, y) in zip(found.values, expected) { #expect(abs(x - y) < 1e-5 * max(1, abs(y)) * logScale * 4) }
    }
    expect([slope], golden.gradients[2], "scale")
  }

  @Test func sigmoid() throws {
    let golden = try golden("sigmoid")
    let (a, b) = (TestRows(golden.inputs[0], columns: 6), TestRows(golden.inputs[1], columns: 6))
    let (da, db) = (TestRows(zeros: 24, columns: 6), TestRows(zeros: 24, columns: 6))
    let found = SigmoidLoss()(a.rows, b.rows, logScale: 1.2, bias: -2, gradients: (da.rows, db.rows))
    #expect(abs(found.loss - golden.loss) < 1e-5)
    expect(da.values, golden.gradients[0], "a")
    expect(db.values, golden.gradients[1], "b")
    expect([found.logScaleGradient, found.biasGradient], golden.gradients[2] + golden.gradients[3], "scale and bias")
  }

  @Test func affinity() throws {
    let golden = try golden("affinity")
    let (a, b) = (TestRows(golden.inputs[0], columns: 6), TestRows(golden.inputs[1], columns: 6))
    let teacher = (
      a: TestRows(Self.unit(oracleNumbers(36).suffix(12)), columns: 3), b: TestRows(Self.unit(oracleNumbers(48).suffix(12)), columns: 3)
    )
    let (da, db) = (TestRows(zeros: 24, columns: 6), TestRows(zeros: 24, columns: 6))
    let loss = AffinityLoss(scale: 7)(
      a.rows, b.rows, teacher: (teacher.a.rows, teacher.b.rows), gradients: (da.rows, db.rows), workers: try Workers(count: 2))
    #expect(abs(loss - golden.loss) < 1e-5)
    expect(da.values, golden.gradients[0], "a")
    expect(db.values, golden.gradients[1], "b")
  }

  /// Examples of four and three rows with two heads, and one whose teacher is not known.
  @Test(arguments: [1, 2]) func relations(threads: Int) throws {
    let golden = try golden("relations")
    let memory = FloatMemory(count: 2 * 54)
    let layout = RowLayout([4, 2, 3])
    let x = Array(golden.inputs[0][..<24]) + Array(repeating: 5, count: 12) + Array(golden.inputs[0][24...])
    for (place, value) in x.enumerated() { memory.start[place] = value }
    let (rows, gradient) = (
      Rows(start: memory.start, layout: layout, columns: 6), Rows(start: memory.start + 54, layout: layout, columns: 6)
    )
    let teacher = oracleNumbers(28).map { 2 * $0 }
    let loss = RelationLoss(heads: 2)(
      rows, teacher: [Array(teacher[..<16]), [], Array(teacher[16...])], gradient: gradient, weight: 2, workers: try Workers(count: threads)
    )
    #expect(abs(loss - golden.loss) < 1e-6)
    let found = Array(gradient.matrix.values)
    expect(Array(found[..<24]) + Array(found[36...]), golden.gradients[0], factor: 2, "rows")
    #expect(found[24..<36].allSatisfy { $0 == 0 })
  }

  /// Rows of three brought to length 1.
  private static func unit(_ values: ArraySlice<Float>) -> [Float] {
    stride(from: values.startIndex, to: values.endIndex, by: 3).flatMap { start in
      let row = values[start..<start + 3]
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return row.map { $0 / length }
    }
  }

  /// Never the own partner, mostly the likest, and the same for the same seed.
  @Test func hardNegatives() {
    let a = TestRows([1, 0, 0, 0.8, 0.6, 0, 0, 0, 1], columns: 3)
    var random = CounterRandom(seed: 9)
    var counts = [0, 0, 0]
    for _ in 0..<400 {
      let drawn = HardNegatives(a.rows, a.rows, scale: 4, random: &random)
      for (row, other) in drawn.ofA.enumerated() { #expect(row != other) }
      #expect(drawn.ofB.count == 3)
      counts[drawn.ofA[0]] += 1
    }
    // e^3.2 : e^0 = 24.5 : 1
    #expect(counts[0] == 0 && counts[1] > 360 && counts[2] > 2)
    #expect(HardNegatives.targets(pairs: 2) == [1, 1, 0, 0, 0, 0])
    var (one, two) = (CounterRandom(seed: 1), CounterRandom(seed: 1))
    #expect(HardNegatives(a.rows, a.rows, scale: 1, random: &one) == HardNegatives(a.rows, a.rows, scale: 1, random: &two))
  }

  @Test func everyGoldenCaseIsChecked() { #expect(Self.golden.count == 15) }
}
