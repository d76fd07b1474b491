import Autograd
import Evaluation
import Randomness
import Testing

@Suite struct RetrievalTests {
  @Test func recallIsThatOfTorchMetrics() throws {
    let golden = try GoldenEvaluation.read()
    let (a, b) = (Matrix(golden.a), Matrix(golden.b))
    let (plain, grouped) = (MutualRetrieval(a, b), MutualRetrieval(a, b, groups: golden.groups))
    for (found, expected) in [(plain.forward, golden.forward), (plain.backward, golden.backward), (grouped.forward, golden.grouped)] {
      #expect(expected.count == 3)
      for (count, recall) in expected { #expect(abs(found.recall(at: Int(count) ?? 0) - recall) < 1e-6, "at \(count)") }
    }
  }

  /// A model that tells everything the same finds nothing, and neither does one that tells no numbers.
  @Test func tiesAndNoNumbersAreMisses() {
    let same = Matrix(rows: 4, columns: 2, values: Array(repeating: 1, count: 8))
    #expect(MutualRetrieval(same, same).forward.ranks == [3, 3, 3, 3])
    #expect(MutualRetrieval(same, same, groups: [0, 0, 1, 1]).forward.ranks == [2, 2, 2, 2])
    let none = Matrix(rows: 4, columns: 2, values: Array(repeating: .nan, count: 8))
    #expect(MutualRetrieval(none, same).forward.ranks == [3, 3, 3, 3])
    let empty = Matrix(rows: 0, columns: 2, values: [])
    #expect(MutualRetrieval(empty, empty).backward.recall(at: 1) == 0)
  }

  /// Queries of which nothing is there find nothing; of several items the nearest counts.
  @Test func groupsTellWhatBelongs() {
    let queries = Matrix([[1, 0], [0, 1], [1, 0]])
    let items = Matrix([[0.5, 0], [0.25, 0.75], [1, 0.5]])
    let found = Retrieval(of: queries, groups: [7, 5, 9], among: items, itemGroups: [5, 5, 7])
    #expect(found.ranks == [0, 0, 3])
    #expect(found.recall(at: 1) == 2.0 / 3)
  }

  /// More similarities than exist at once: each is found at its own place.
  @Test func manyAreTakenInParts() {
    let count = 1500
    var random = CounterRandom(seed: 4)
    let values = (0..<count * 8).map { _ in random.normal() }
    let unit = values.indices.map { index in
      let start = index / 8 * 8
      return values[index] / values[start..<start + 8].reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let rows = Matrix(rows: count, columns: 8, values: unit)
    #expect(MutualRetrieval(rows, rows).forward.ranks == Array(repeating: 0, count: count))
  }

  /// As SciPy's `spearmanr` has them.
  @Test func ranksAreCorrelated() {
    #expect(abs(RankCorrelation([1, 2, 2, 3, 0.5, 2], [4, 5, 7, 6, 9, 5]).value + 0.09240616554505453) < 1e-12)
    #expect(abs(RankCorrelation([1, 2, 3], [10, 400, 9000]).value - 1) < 1e-12)
    #expect(abs(RankCorrelation([1, 2, 3], [3, 2, 1]).value + 1) < 1e-12)
    #expect(RankCorrelation([1, 1, 1], [3, 2, 1]).value == 0)
  }
}
