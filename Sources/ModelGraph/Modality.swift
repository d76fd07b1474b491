/// A kind of input.
package enum Modality: String, Sendable, CaseIterable {
  case text
  case image
  case sound
}

extension Graph {
  /// The place in `inputs` of the first that takes a modality.
  package func input(of modality: Modality) -> Int? {
    inputs.firstIndex {
      switch modality {
      case .text: self[$0].dataType == .int32
      case .image: self[$0].shape.rank == 4
      case .sound: self[$0].shape.rank == 3 && self[$0].shape.width == 1
      }
    }
  }
}
