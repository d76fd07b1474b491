import BundleFormat
import Synchronization

/// Pieces of a bundle that threads check together: each takes the next that is left.
final class PieceCheck: Sendable {
  private let bundle: Bundle
  private let pieces: [(segment: Int, piece: Int)]
  private let next = Atomic<Int>(0)
  /// The first piece at fault, by its place in the list; the count where none is.
  private let firstAtFault: Atomic<Int>

  init(_ pieces: [(segment: Int, piece: Int)], of bundle: Bundle) {
    self.bundle = bundle
    self.pieces = pieces
    firstAtFault = Atomic(pieces.count)
  }

  /// Checks pieces until none is left or one is at fault; every thread of a team may call it.
  func run() {
    while firstAtFault.load(ordering: .relaxed) == pieces.count {
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < pieces.count else { return }
      if fault(at: index) != nil { firstAtFault.min(index, ordering: .relaxed) }
    }
  }

  /// What is wrong with the first piece at fault, once all threads are done.
  var fault: BundleError? {
    let index = firstAtFault.load(ordering: .relaxed)
    return index < pieces.count ? fault(at: index) : nil
  }

  private func fault(at index: Int) -> BundleError? { bundle.fault(inPiece: pieces[index].piece, ofSegment: pieces[index].segment) }
}
