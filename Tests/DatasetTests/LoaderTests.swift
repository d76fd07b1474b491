import Dataset
import Foundation
import JSONFormat
import Randomness
import TestSupport
import Testing

/// Every `period`th sample is bad.
private func decode(badEvery period: Int) -> Loader<Int>.Decode {
  { sample, _ throws(SampleFault) in
    guard let number = Int(try sample.caption()) else { throw .damagedText(member: "txt") }
    if number % period == period - 1 { throw .emptyText(member: "txt") }
    return number
  }
}

@Test func whatComesDoesNotDependOnTheThreads() throws {
  let shards = try Shards(sizes: [13, 20], concepts: 33)
  func load(delays: Bool, ahead: Int) throws -> [[UInt64]] {
    let stream = try SampleStream(shards: shards.paths, order: .shuffled(window: 5), batch: 4, seed: 1)
    let loader = try Loader(stream, ahead: ahead) { sample, random throws(SampleFault) in
      if delays { usleep(UInt32.random(in: 0..<300)) }
      return UInt64(try sample.caption()).map { $0 &+ random.next() << 8 } ?? 0
    }
    return try (0..<20).map { _ in
      if delays { usleep(UInt32.random(in: 0..<900)) }
      return try #require(try loader.next())
    }
  }
  let expected = try load(delays: false, ahead: 1)
  for ahead in [1, 2, 7] { #expect(try load(delays: true, ahead: ahead) == expected) }
}

@Test func aLoaderThatIsGivenUpEndsItsThread() throws {
  let shards = try Shards(sizes: [10], concepts: 10)
  for count in 0..<50 {
    let stream = try SampleStream(shards: shards.paths, order: .shuffled(), batch: 2, seed: 1)
    let loader = try Loader(stream) { sample, _ throws(SampleFault) in sample.key }
    for _ in 0..<count % 5 { #expect(try loader.next()?.count == 2) }
  }
}

@Test func theNumbersOfASampleCanBeDrawnAgain() throws {
  let shards = try Shards(sizes: [12], concepts: 12)
  let stream = try SampleStream(shards: shards.paths, order: .shuffled(), batch: 12, seed: 77)
  let loader = try Loader(stream) { sample, random throws(SampleFault) in [sample.key: random.next()] }
  for epoch in 0..<3 {
    let drawn = try #require(try loader.next()).reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    for (key, number) in drawn {
      var random = CounterRandom(seed: 77, epoch: epoch, key: key)
      #expect(random.next() == number)
    }
    #expect(Set(drawn.values).count == 12)
  }
}

@Test func badSamplesAreLeftOutCountedAndNamed() throws {
  let shards = try Shards(sizes: [60, 60], concepts: 120)
  let stream = try SampleStream(shards: shards.paths, order: .stored, batch: 10, seed: 0)
  let loader = try Loader(stream, limit: FaultLimit(share: 0.1, minimum: 20), decode: decode(badEvery: 30))
  var numbers: [Int] = []
  while let batch = try loader.next() { numbers += batch }
  #expect(numbers == (0..<120).filter { $0 % 30 != 29 })
  #expect(loader.faults.seen == 120 && loader.faults.counts == [.emptyText: 4])
  #expect(loader.faults.summary == "4 × empty text (29: .txt is empty; 59: .txt is empty; 89: .txt is empty; …)")
}

@Test func moreBadSamplesThanAllowedStop() throws {
  let shards = try Shards(sizes: [300], concepts: 300)
  let stream = try SampleStream(shards: shards.paths, order: .stored, batch: 10, seed: 0)
  let loader = try Loader(stream, decode: decode(badEvery: 25))
  for _ in 0..<9 { #expect(try loader.next() != nil) }
  let error = #expect(throws: DatasetError.self) { _ = try loader.next() }
  #expect(error.map { "\($0)" }?.hasPrefix("4 of 100 samples are bad, more than 1.0 %: 4 × empty text (24:") == true)
  #expect(throws: try #require(error)) { _ = try loader.next() }
}

@Test func aSmallSetIsCheckedAtItsEnd() throws {
  let shards = try Shards(sizes: [6], concepts: 6)
  let stream = try SampleStream(shards: shards.paths, order: .stored, batch: 4, seed: 0)
  let loader = try Loader(stream, decode: decode(badEvery: 3))
  #expect(try loader.next() == [0, 1, 3])
  #expect(try loader.next() == [4])
  #expect(throws: DatasetError.self) { _ = try loader.next() }
}

@Test func everyKindOfBadSampleIsTold() throws {
  let good: [String: [UInt8]] = [
    "txt": Array("a cat".utf8), "json": Array(metadata(concept: 0).json.text.utf8), "wav": silence(rate: 16000, samples: 10),
    "jpg": try picture(),
  ]
  func fault(_ change: [String: [UInt8]?]) -> SampleFault.Kind? {
    let members = good.merging(change.compactMapValues { $0 }) { $1 }.filter { change[$0.key] != .some(nil) }
    do throws(SampleFault) { _ = try Sample(key: "a", members: members).check(rate: 16000, concepts: 1) } catch { return error.kind }
    return nil
  }
  #expect(fault([:]) == nil)
  #expect(fault(["wav": nil]) == .missingMember)
  #expect(fault(["jpg": Array(good["jpg", default: []].dropLast(9))]) == .damagedPicture)
  #expect(fault(["wav": [1, 2, 3]]) == .damagedSound)
  #expect(fault(["wav": silence(rate: 8000, samples: 10)]) == .wrongRate)
  #expect(fault(["txt": Array(" \n".utf8)]) == .emptyText)
  #expect(fault(["txt": [0xFF]]) == .damagedText)
  #expect(fault(["json": Array("{\"concept\":-1}".utf8)]) == .badMetadata)
}

private func silence(rate: Int, samples: Int) -> [UInt8] {
  func bytes(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  let format = bytes(1, 2) + bytes(1, 2) + bytes(rate, 4) + bytes(2 * rate, 4) + bytes(2, 2) + bytes(16, 2)
  return Array("RIFF".utf8) + bytes(36 + 2 * samples, 4) + Array("WAVEfmt ".utf8) + bytes(16, 4) + format + Array("data".utf8)
    + bytes(2 * samples, 4) + bytes(0, 2 * samples)
}

private func picture() throws -> [UInt8] {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../PreprocessingTests/Golden")
  return try Array(Data(contentsOf: folder.appendingPathComponent("baseline420.jpg")))
}
