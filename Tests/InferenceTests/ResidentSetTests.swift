import BundleFormat
import Foundation
import Inference
import ModelGraph
import TestSupport
import Testing

/// Three modalities of some megabytes each, a segment for each, a small fusion of their rows and a local one of a megabyte.
private struct ThreeModalities {
  static let width = 1024
  static let names = ["image", "sound", "text"]

  static func graph() throws -> Graph {
    var parts = SmallModelBuilder()
    let image = parts.graph.input("image", shape: .rows(.fixed(6), width), dataType: .float32)
    let sound = parts.graph.input("sound", shape: .rows(.fixed(5), width), dataType: .float32)
    let text = parts.graph.input("tokens", shape: Shape([.batch, .sequence]), dataType: .int32)
    let ends = zip(names, [image, sound, text]).map { name, start in
      var rows = name == "text" ? parts.embedding(name, start, width) : start
      for layer in 0..<3 { rows = parts.linear("\(name).\(layer)", rows, width) }
      return parts.endSegment(name, rows)
    }
    let pooled = parts.pool(parts.concatenate("all", ends), .mean)
    let embedding = parts.normalized(pooled)
    parts.graph.endSegment("head")
    let near = parts.linear("local.rows", parts.concatenate("local.all", ends), width)
    let local = parts.normalized(parts.pool(near, .mean, name: "local.pool"), name: "local")
    parts.graph.endSegment("local", role: .local)
    return try parts.model("three", outputs: [embedding, local]).graph.quantizedAnyhow()
  }
}

extension Session {
  /// Brings the modality of that place.
  fileprivate func load(modality: Int) throws {
    if modality == 2 { return try load(tokens: [1, 2, 3, 4].span, input: modality) }
    let values = [Float](repeating: 1, count: (modality == 0 ? 6 : 5) * ThreeModalities.width)
    try load(values: values.span, input: modality)
  }
}

/// Which pages of a file's mapping this process has touched.
private struct Mapping {
  private static let page = 4096
  private let start: UInt64
  private let count: Int

  /// Gives up the pages of a range, which come back when they are touched.
  func release(_ range: Range<Int>) {
    let address = UnsafeMutableRawPointer(bitPattern: UInt(start) + UInt(range.lowerBound))
    #expect(madvise(address, range.count, MADV_DONTNEED) == 0)
  }

  /// The mapping of the whole file.
  init(of path: String) throws {
    let lines = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).split(separator: "\n")
    let line = try #require(lines.first { $0.hasSuffix(path) })
    let ends = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt64($0, radix: 16) }
    start = ends[0]
    count = Int(ends[1] - ends[0]) / Self.page
  }

  /// The share of the pages in a range of the file that are mapped, by bit 63 of their entries in the page map.
  func residentShare(of range: Range<Int>) throws -> Double {
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/pagemap"))
    try handle.seek(toOffset: start / UInt64(Self.page) * 8)
    let entries = try #require(try handle.read(upToCount: 8 * count))
    let pages = range.lowerBound / Self.page..<min(count, (range.upperBound + Self.page - 1) / Self.page)
    return Double(pages.count { entries[entries.startIndex + 8 * $0 + 7] & 0x80 != 0 }) / Double(pages.count)
  }
}

@Suite struct ResidentSetTests {
  /// Neighbours of a touched page that the system may map with it: the 64 KiB around it at each end of a segment.
  private static let neighbours = 32.0

  private let bundle: BundleFormat.Bundle
  private let session: Session
  private let mapping: Mapping

  init() throws {
    // On other file systems a touched page brings the whole of what was once written together, which may be megabytes.
    let folder = try TemporaryDirectory(under: "/dev/shm")
    let path = folder.path + "/three.gguf"
    try BundleWriter.write(BundleContents(name: "three", random: ThreeModalities.graph(), seed: 1), to: path)
    bundle = try Bundle(unverified: path)
    session = try Session(model: Model(bundle: bundle), threads: 2)
    mapping = try Mapping(of: path)
    try session.begin(sequence: 4)
  }

  /// Whether all or nearly nothing of a segment is mapped; else an issue is recorded.
  private func isResident(_ name: String) throws -> Bool? {
    let index = try #require(bundle.graph.segments.firstIndex { $0.name == name })
    let range = bundle.range(ofSegment: index)
    let share = try mapping.residentShare(of: range)
    if share > 0.9 { return true }
    if share < Self.neighbours * 4096 / Double(range.count) { return false }
    Issue.record("\(name): \(share)")
    return nil
  }

  @Test func aRunDoesNotTouchTheLocalPath() throws {
    try session.load(modality: 0)
    try session.run()
    #expect(try isResident("image") == true && isResident("local") == false)
    try session.complete(.local)
    #expect(try isResident("local") == true)
  }

  /// What has run is not read again when a modality joins.
  @Test(arguments: [Segment.Role.main, .local]) func whatRanIsNotRunAgain(path: Segment.Role) throws {
    for modality in 0..<3 {
      try session.load(modality: modality)
      try session.complete(path)
      for (place, name) in ThreeModalities.names.enumerated() { #expect(try isResident(name) == (place == modality)) }
      mapping.release(bundle.range(ofSegment: modality))
      #expect(try isResident(ThreeModalities.names[modality]) == false)
    }
  }

  /// Nor where a peer goes on behind the local path: the features are there.
  @Test func whatRanForTheLocalPathIsNotRunAgainForAPeer() throws {
    for modality in 0..<3 {
      try session.load(modality: modality)
      try session.complete(.local)
      mapping.release(bundle.range(ofSegment: modality))
    }
    let found = try features(session)
    for name in ThreeModalities.names { #expect(try isResident(name) == false) }
    let other = try Session(model: session.model, threads: 1)
    try other.begin(sequence: 4)
    for modality in 0..<3 { try other.load(modality: modality) }
    #expect(try features(other) == found)
  }

  /// Those of the last split point.
  private func features(_ session: Session) throws -> [UInt8] {
    let split = session.model.graph.splitPoints.count - 1
    var features = [UInt8](repeating: 0, count: session.featureByteCount(split: split))
    var span = features.mutableSpan
    try session.run(until: split, features: &span)
    return features
  }

  @Test(arguments: ThreeModalities.names.indices) func aModalityTouchesItsOwnPagesOnly(modality: Int) throws {
    for name in ThreeModalities.names { #expect(try isResident(name) == false) }
    try session.load(modality: modality)
    try session.run()
    #expect(session.rowCount(output: 0) == 1)
    for (place, name) in ThreeModalities.names.enumerated() { #expect(try isResident(name) == (place == modality)) }
  }
}
