import Dataset
import Glibc
import TestSupport
import Testing

private let files: [(name: String, contents: [UInt8])] = [
  ("a.txt", Array("one".utf8)), ("a.png", [UInt8](repeating: 7, count: 512)), ("b.seg.txt", []),
  (String(repeating: "long/", count: 30) + "c.txt", Array("far".utf8)), ("grün.TXT", [0, 1, 2]),
]

@Test func whatIsWrittenIsRead() throws {
  let samples = try Shards([archive(files)]).samples()
  #expect(
    samples == [
      Sample(key: "a", members: ["txt": Array("one".utf8), "png": [UInt8](repeating: 7, count: 512)]),
      Sample(key: "b", members: ["seg.txt": []]),
      Sample(key: String(repeating: "long/", count: 30) + "c", members: ["txt": Array("far".utf8)]),
      Sample(key: "grün", members: ["txt": [0, 1, 2]]),
    ])
}

@Test(arguments: ["ustar", "gnu", "pax"]) func archivesOfPythonAreRead(kind: String) throws {
  let rows = String(decoding: try golden("archives.tsv"), as: UTF8.self).split(separator: "\n").map {
    $0.split(separator: "\t", omittingEmptySubsequences: false)
  }
  let expected = rows.filter { $0[0] == kind }.map { (String($0[1]), String($0[2])) }
  let samples = try Shards([golden("\(kind).tar")]).samples()
  let found = Dictionary(
    uniqueKeysWithValues: samples.flatMap { sample in
      sample.members.map { ("\(sample.key).\($0.key)", $0.value.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()) }
    })
  #expect(found == Dictionary(uniqueKeysWithValues: expected))
}

/// Reads through the headers of a shard: passes over more samples than there are.
private func readThrough(_ path: String) throws {
  let beyond = SampleCursor(batches: 1000)
  do {
    _ = try SampleStream(shards: [path], order: .stored, batch: 1, seed: 0, from: beyond)
  } catch DatasetError.unknownCursor(beyond) {}
}

@Test func everyCutIsRefusedByName() throws {
  let whole = archive(Array(files.suffix(2)))
  let directory = try TemporaryDirectory()
  let path = try directory.write("cut.tar", whole)
  for count in (0..<whole.count).reversed() {
    truncate(path, count)
    let error = #expect(throws: DatasetError.self) { try readThrough(path) }
    guard case .damagedShard(path, let offset, _) = error else {
      Issue.record("\(count): \(String(describing: error))")
      return
    }
    #expect(offset <= count)
  }
}

/// But those of the checksum's own padding.
@Test func everyFlippedBitOfAHeaderIsRefused() throws {
  let whole = archive([("a.txt", [])])
  let directory = try TemporaryDirectory()
  for place in 0..<512 where !(148..<156 ~= place) {
    var bytes = whole
    bytes[place] ^= 1 << UInt8(place % 8)
    let path = try directory.write("flipped-\(place).tar", bytes)
    #expect(throws: DatasetError.damagedShard(file: path, offset: 0, field: place == 156 ? "type 32" : "checksum")) {
      try readThrough(path)
    }
  }
}

/// Gives a header its checksum back, so that what follows is looked at.
private func reseal(_ bytes: inout [UInt8], at start: Int) {
  guard start + 512 <= bytes.count else { return }
  for index in 148..<156 { bytes[start + index] = 32 }
  let sum = bytes[start..<start + 512].reduce(0) { $0 + Int($1) }
  let digits = String(sum, radix: 8)
  bytes.replaceSubrange(start + 148..<start + 156, with: (String(repeating: "0", count: 6 - digits.count) + digits + "\0 ").utf8)
}

@Test(arguments: ["ustar", "gnu", "pax"]) func hostileHeadersAreRefusedOrRead(kind: String) throws {
  let whole = try golden("\(kind).tar")
  let directory = try TemporaryDirectory()
  let headers = stride(from: 0, to: whole.count - 1024, by: 512).filter { whole[$0 + 257..<$0 + 262].elementsEqual("ustar".utf8) }
  var generator = SeededGenerator(seed: 1)
  var (refused, read) = (0, 0)
  for number in 0..<300 {
    var bytes = whole
    let start = try #require(headers.randomElement(using: &generator))
    let places = [0, 1, 124, 125, 130, 134, 135, 156, 345, 512, 513, 514, 520]
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let place = try #require(places.randomElement(using: &generator))
      bytes[start + place] = [0, 0x20, 0x30, 0x37, 0x39, 0x4C, 0x78, 0x80, 0xFF].randomElement(using: &generator) ?? 0
    }
    reseal(&bytes, at: start)
    let path = try directory.write("hostile-\(number).tar", bytes)
    do {
      try readThrough(path)
      read += 1
    } catch is DatasetError { refused += 1 }
  }
  #expect(refused > 15 && read > 15)
}

@Test func aFileTwiceInASampleIsRefused() throws {
  let shards = try Shards([archive([("a.txt", [1]), ("a.txt", [2])])])
  let error = #expect(throws: DatasetError.self) { try shards.samples() }
  #expect(error.map { "\($0)" }?.contains("'a.txt' is there twice") == true)
}
