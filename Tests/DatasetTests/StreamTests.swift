import Dataset
import Randomness
import TestSupport
import Testing

private let sizes = [7, 1, 0, 20, 5]  // 33 samples

@Test func storedSamplesComeOnceInTheirOrder() throws {
  let shards = try Shards(sizes: sizes, concepts: 33)
  #expect(try shards.samples().map(\.key) == (0..<33).map { "\($0)" })
}

@Test(arguments: [1, 4, 1000]) func anEpochIsAPermutationOfItsOwn(window: Int) throws {
  let shards = try Shards(sizes: sizes, concepts: 33)
  let order = SampleOrder.shuffled(window: window)
  let batches = try keys(33, of: shards.paths, order, batch: 3, seed: 5)
  let epochs = (0..<3).map { batches[11 * $0..<11 * $0 + 11].flatMap(\.self) }
  for epoch in epochs { #expect(Set(epoch) == Set((0..<33).map { "\($0)" })) }
  #expect(Set(epochs).count == 3)
  #expect(try keys(33, of: shards.paths, order, batch: 3, seed: 5) == batches)
  #expect(try keys(33, of: shards.paths, order, batch: 3, seed: 6) != batches)
}

@Test(arguments: [SampleOrder.shuffled(window: 6), .shuffled(window: 1000, distinct: true), .shuffled(window: 2, distinct: true)])
func goingOnFromAnyCursorGivesTheSame(order: SampleOrder) throws {
  let shards = try Shards(sizes: sizes, concepts: 8)
  let stream = try SampleStream(shards: shards.paths, order: order, batch: 4, seed: 9)
  let loader = try Loader(stream) { sample, random throws(SampleFault) in "\(sample.key) \(random.next())" }
  var batches: [(start: SampleCursor, items: [String])] = []
  for _ in 0..<24 {
    let start = loader.cursor
    batches.append((start, try #require(try loader.next())))
  }
  #expect(Set(batches.map(\.start.epoch)).count > 2)
  for (index, batch) in batches.enumerated() {
    let stream = try SampleStream(shards: shards.paths, order: order, batch: 4, seed: 9, from: batch.start)
    let resumed = try Loader(stream) { sample, random throws(SampleFault) in "\(sample.key) \(random.next())" }
    for expected in batches[index...].prefix(9) { #expect(try resumed.next() == expected.items) }
  }
}

@Test func noConceptComesTwiceInADistinctBatch() throws {
  let shards = try Shards(sizes: [40, 30, 50], concepts: 9)
  for batch in try keys(60, of: shards.paths, .shuffled(window: 10, distinct: true), batch: 8, seed: 3) {
    #expect(Set(batch.compactMap { Int($0) }.map { $0 % 9 }).count == 8)
  }
}

@Test func aBatchThatCannotBeFilledIsTold() throws {
  let shards = try Shards(sizes: [40], concepts: 3)
  let order = SampleOrder.shuffled(window: 100, distinct: true)
  #expect(throws: DatasetError.tooFewSamples(found: 3, batch: 4, areDistinct: true)) {
    try keys(1, of: shards.paths, order, batch: 4, seed: 1)
  }
  #expect(throws: DatasetError.tooFewSamples(found: 40, batch: 41, areDistinct: false)) {
    try keys(1, of: shards.paths, .shuffled(), batch: 41, seed: 1)
  }
}

@Test(arguments: [
  (SampleCursor(epoch: 0, batches: 9), SampleOrder.shuffled()), (SampleCursor(epoch: -1), .shuffled()),
  (SampleCursor(batches: -1), .shuffled()), (SampleCursor(epoch: 1), .stored), (SampleCursor(batches: 10), .stored),
])
func aCursorOfAnotherSetIsRefused(cursor: SampleCursor, order: SampleOrder) throws {
  let shards = try Shards(sizes: sizes, concepts: 33)
  #expect(throws: DatasetError.unknownCursor(cursor)) { try keys(1, of: shards.paths, order, batch: 4, seed: 1, from: cursor) }
}

@Test func aMissingShardIsNamed() throws {
  let error = #expect(throws: DatasetError.self) { try keys(1, of: ["nowhere/train-000000.tar"], .stored, batch: 1, seed: 1) }
  guard case .unreadable("nowhere/train-000000.tar", _) = error else {
    Issue.record("\(String(describing: error))")
    return
  }
}
