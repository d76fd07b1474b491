import Testing

import BundleFormat

/// A bundle in memory whose hashes can be made right again after a change: what someone hostile would do.
struct SealedBytes {
  var bytes: [UInt8]
  private let segments: [Range<Int>]

  init(_ bytes: [UInt8]) throws {
    let header = try BundleHeader(file: bytes.span)
    self.bytes = bytes
    segments = header.layout.segments.map { header.payloadStart + $0.bytes.lowerBound..<header.payloadStart + $0.bytes.upperBound }
  }

  /// Puts one text in the place of the first other one of the same length.
  mutating func replace(_ old: String, with new: String) throws {
    let place = try #require(bytes.firstRange(of: Array(old.utf8)))
    try #require(old.utf8.count == new.utf8.count)
    bytes.replaceSubrange(place, with: Array(new.utf8))
  }

  /// Where the parts of a tensor's description and data lie.
  func tensor(_ name: String) throws -> (description: Int, data: Int) {
    let header = try GGUFHeader(bytes.span)
    let tensor = try #require(header.tensors.first { $0.name == name })
    return (tensor.position, header.dataStart + tensor.dataOffset)
  }

  /// Makes the hashes of the segments right.
  mutating func hashSegments() throws {
    let hashes = segments.map { SegmentHash(of: bytes.span.extracting($0)) }
    var from = 0
    for hash in hashes {
      let label = try #require(bytes[from...].firstRange(of: Array("sha256=".utf8)))
      from = label.upperBound + 2 * Digest.size
      bytes.replaceSubrange(label.upperBound..<from, with: hash.root.digits)
    }
    let leaves = try GGUFHeader(bytes.span)[BundleKeys.leaves]
    if let leaves { bytes.replaceSubrange(leaves.bytes, with: hashes.flatMap { $0.leaves }) }
  }

  /// Makes the hash of the header right.
  mutating func seal() throws { try BundleWriter.seal(&bytes) }

  /// What opening the bytes, sealed, gives as the error.
  func openingError() throws -> BundleError? {
    var copy = self
    try copy.hashSegments()
    try copy.seal()
    let file = try TestFile(copy.bytes)
    do throws(BundleError) {
      _ = try ModelBundle(path: file.path)
      return nil
    } catch {
      return error
    }
  }
}
