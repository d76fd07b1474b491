import Foundation
import ModelGraph
import Testing

import BundleFormat

/// What chance does to a file: nothing of it may pass.
@Suite struct DamageTests {
  private func opens(_ path: String) -> Bool { (try? ModelBundle(path: path)) != nil }

  /// The two parts of opening, each over the bytes that it answers for.
  @Test func everyFlippedBitOfTheHeaderIsRefused() throws {
    var bytes = try golden("tiny-3.gguf")
    let end = try BundleHeader(file: bytes.span).payloadStart
    for offset in 0..<end {
      for bit in 0..<8 {
        bytes[offset] ^= 1 << UInt8(bit)
        if (try? BundleHeader(file: bytes.span)) != nil { Issue.record("bit \(bit) of byte \(offset) was flipped, and nobody noticed") }
        bytes[offset] ^= 1 << UInt8(bit)
      }
    }
  }

  @Test func everyFlippedBitOfASegmentIsRefused() throws {
    let bytes = try golden("tiny-3.gguf")
    let file = try TestFile(bytes)
    let bundle = try ModelBundle(path: file.path)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file.path))
    for index in bundle.graph.segments.indices {
      for offset in bundle.range(ofSegment: index) {
        for bit in 0..<8 {
          try handle.seek(toOffset: UInt64(offset))
          try handle.write(contentsOf: [bytes[offset] ^ 1 << UInt8(bit)])
          if (try? bundle.verify(segment: index)) != nil { Issue.record("bit \(bit) of byte \(offset) was flipped, and nobody noticed") }
        }
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: [bytes[offset]])
      }
      try bundle.verify(segment: index)
    }
  }

  /// A segment of several leaves: the piece is named that holds the bit, whatever else of it a block of weights reaches into.
  @Test func aFlippedBitOfALargeSegmentIsFoundInItsPiece() throws {
    let bytes = try BundleWriter.serialize(try ProofTests.contents())
    let file = try TestFile(bytes)
    let bundle = try ModelBundle(path: file.path)
    let segment = bundle.range(ofSegment: 0)
    let size = 2 << 14
    #expect(bundle.pieceCount(ofSegment: 0) == 3 && segment.count > 2 * size)
    let edges = stride(from: 0, to: segment.count, by: 1 << 12).flatMap { [$0, $0 + 1, min($0 + 4095, segment.count - 1)] }
    for place in edges {
      let offset = segment.lowerBound + place
      try file.overwrite([bytes[offset] ^ 0x10], at: offset)
      let expected = BundleError.damaged(part: "segment 'all'", offset: segment.lowerBound + place / size * size)
      #expect(throws: expected) { try bundle.verify(segment: 0) }
      #expect(bundle.fault(inPiece: place / size, ofSegment: 0) == expected)
      try file.overwrite([bytes[offset]], at: offset)
    }
    try bundle.verify(segment: 0)
  }

  @Test func everyTruncationIsRefused() throws {
    let file = try TestFile(try golden("tiny-3.gguf"))
    for size in (0..<(try file.byteCount())).reversed() {
      try file.truncate(to: size)
      if opens(file.path) { Issue.record("the file was cut to \(size) bytes, and nobody noticed") }
    }
  }

  @Test func whatFollowsTheBundleIsRefused() throws {
    let bytes = try golden("tiny-3.gguf")
    let file = try TestFile(bytes + [0])
    #expect(throws: BundleError.wrongFileSize(expected: bytes.count, found: bytes.count + 1)) { try ModelBundle(path: file.path) }
  }

  @Test func anEmptyFileAFolderAndNoFileAreRefused() throws {
    let file = try TestFile([])
    #expect(throws: BundleError.truncated(field: "magic", offset: 0)) { try ModelBundle(path: file.path) }
    #expect(throws: BundleError.self) { try ModelBundle(path: file.folder.path) }
    let error = #expect(throws: BundleError.self) { try ModelBundle(path: file.path + ".none") }
    #expect(error?.description == "cannot open '\(file.path).none': No such file or directory")
  }

  @Test func anotherFileIsNoBundle() throws {
    let file = try TestFile(Array("{\"model\": \"something else\", \"size\": 12}".utf8))
    #expect(throws: BundleError.notGGUF(found: 0x6F6D_227B)) { try ModelBundle(path: file.path) }
  }

  @Test func aModelOfAnotherProgramIsNoBundle() throws {
    let file = try TestFile(try golden("foreign.gguf"))
    #expect(throws: BundleError.missing(field: "tributary.digest")) { try ModelBundle(path: file.path) }
  }
}
