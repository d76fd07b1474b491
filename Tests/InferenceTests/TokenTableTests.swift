import AllocationCounter
import BundleFormat
import Foundation
import Inference
import TestSupport
import Testing

/// A text model whose table of tokens takes many pieces of its segment, in a file that can be damaged before it is opened.
private final class LargeTable {
  static let vocabulary = 3000
  private let folder: TemporaryDirectory
  let path: String

  init() throws {
    var tiny = TinyModel()
    (tiny.width, tiny.heads, tiny.vocabulary) = (96, 3, Self.vocabulary)
    folder = try TemporaryDirectory()
    path = folder.path + "/model.gguf"
    try BundleWriter.write(tiny.contents(), to: path)
  }

  /// Where a tensor's data lie in the file.
  func data(of tensor: String) throws -> Int {
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    let header = try GGUFHeader(bytes.span)
    return header.dataStart + (try #require(header.tensors.first { $0.name == tensor })).dataOffset
  }

  func flipBit(at offset: Int) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.seek(toOffset: UInt64(offset))
    let byte = try #require(try file.read(upToCount: 1)?.first)
    try file.seek(toOffset: UInt64(offset))
    try file.write(contentsOf: [byte ^ 1])
    try file.close()
  }

  func session() throws -> Session { try Session(model: Model(bundle: Bundle(unverified: path)), threads: 2) }
}

extension Session {
  fileprivate func embed(_ tokens: [Int32]) throws(InferenceError) -> [UInt32] {
    var output = [Float](repeating: .nan, count: model.outputWidth)
    var span = output.mutableSpan
    try run(tokens: tokens.span, output: &span)
    return output.map(\.bitPattern)
  }

  /// Whether the tokens are refused for what the bundle holds of them, and not earlier or later.
  fileprivate func refuses(_ tokens: [Int32]) throws -> Bool {
    do throws(InferenceError) {
      try begin(sequence: tokens.count)
      try load(tokens: tokens.span)
      return false
    } catch {
      guard case .damaged(.damaged(part: "segment 'embeddings'", _)) = error else { throw error }
      return true
    }
  }
}

@Suite struct TokenTableTests {
  @Test func aDamagedRowIsRefusedWithItsNeighboursOnly() throws {
    let table = try LargeTable()
    let whole = try table.session().embed([1, 2999])
    let row = 1500
    try table.flipBit(at: try table.data(of: "tokens") + 96 * row + 5)
    let session = try table.session()
    #expect(try session.embed([1, 2999]) == whole)
    #expect(try session.refuses([1, Int32(row), 2]))
    #expect(try session.refuses([Int32(row)]), "and again")
    #expect(try session.embed([1, 2999]) == whole)
    let refused = try (0..<LargeTable.vocabulary).filter { try session.refuses([Int32($0)]) }
    let piece = 2 << 14
    #expect(refused.contains(row) && (piece / 96 - 1...piece / 96 + 2).contains(refused.count))
    #expect(refused == Array(refused[0]..<refused[0] + refused.count))
  }

  @Test func aDamagedScaleIsRefused() throws {
    let table = try LargeTable()
    let scales = try table.data(of: "tokens.scale")
    for row in [0, 1, 1234, 2999] {
      try table.flipBit(at: scales + 4 * row)
      // Scales may share a piece with what every request needs.
      #expect(throws: InferenceError.self) { try table.session().embed([Int32(row)]) }
      try table.flipBit(at: scales + 4 * row)
    }
    #expect(try table.session().embed([0, 1, 1234, 2999]).count == 96)
  }

  @Test func whatAllRequestsNeedIsCheckedBeforeTheFirst() throws {
    for tensor in ["positions", "positions.scale"] {
      let table = try LargeTable()
      try table.flipBit(at: try table.data(of: tensor))
      #expect(throws: InferenceError.self) { try table.session().embed([1]) }
    }
  }

  @Test func activationChecksEveryRow() throws {
    let table = try LargeTable()
    try table.session().model.activate()
    try table.flipBit(at: try table.data(of: "tokens") + 96 * 2000)
    #expect(throws: InferenceError.self) { try table.session().model.activate() }
  }

  @Test func newTokensAllocateNothing() throws {
    let session = try LargeTable().session()
    var output = [Float](repeating: 0, count: session.model.outputWidth)
    var span = output.mutableSpan
    let first: [Int32] = [0, 1, 2]
    try session.run(tokens: first.span, output: &span)
    let requests = (0..<30).map { number in (0..<3).map { Int32($0 * 900 + number) } }
    let before = allocation_count()
    for tokens in requests { try session.run(tokens: tokens.span, output: &span) }
    #expect(allocation_count() == before)
    #expect(before > 0)
  }
}
