import CSHA256

/// What the bytes of a segment are checked against: the leaves of a hash tree of two levels (Merkle 1987), so that parts can be checked
/// alone, in any order and on any thread. Each leaf is the SHA-256 of 16 KiB of the segment, the last of what is left; the root is that
/// of all leaves, one after the other.
///
/// Before format 3 a segment is one leaf, and that is the root.
package struct SegmentHash {
  /// Bytes of a leaf, but for the last.
  private static let leafSize = 1 << 14
  /// A piece is what is checked at once: leaves that are hashed side by side.
  private static let leavesOfPiece = 2

  package let root: Digest
  /// 32 bytes each.
  package let leaves: [UInt8]
  private let leafSize: Int

  /// How many leaves a segment of that many bytes has.
  package static func leafCount(of byteCount: Int) -> Int { (byteCount + leafSize - 1) / leafSize }

  /// From the leaves of a tree.
  init(leaves: [UInt8]) {
    var hasher = Hasher256()
    hasher.add(leaves)
    root = hasher.digest()
    self.leaves = leaves
    leafSize = Self.leafSize
  }

  /// Of a segment that is hashed as one.
  init(root: Digest, byteCount: Int) {
    self.root = root
    leaves = byteCount == 0 ? [] : root.bytes
    leafSize = byteCount
  }

  /// Of a segment's bytes.
  package init(of bytes: Span<UInt8>) {
    let count = Digest.size * Self.leafCount(of: bytes.count)
    self.init(
      leaves: unsafe [UInt8](unsafeUninitializedCapacity: count) { leaves, initialized in
        unsafe bytes.withUnsafeBytes {
          unsafe sha256_parts(Hasher256.form, $0.baseAddress, $0.count, Self.leafSize, leaves.baseAddress)
        }
        initialized = count
      })
  }

  /// Bytes of a piece, but for the last.
  var pieceSize: Int { Self.leavesOfPiece * leafSize }

  var pieceCount: Int { (leaves.count / Digest.size + Self.leavesOfPiece - 1) / Self.leavesOfPiece }

  /// Whether those are the bytes of a piece. Allocates nothing.
  func matches(_ bytes: UnsafeRawBufferPointer, piece: Int) -> Bool {
    let capacity = Self.leavesOfPiece * Digest.size
    let expected = leaves[piece * capacity..<min(piece * capacity + capacity, leaves.count)]
    return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { found in
      unsafe sha256_parts(Hasher256.form, bytes.baseAddress, bytes.count, leafSize, found.baseAddress)
      return unsafe expected.elementsEqual(found[..<expected.count])
    }
  }
}
