package import Preprocessing

/// Why one sample cannot be used. It is left out and counted (`FaultTally`).
package enum SampleFault: Error, Equatable {
  /// No member has that extension.
  case missingMember(String)
  case damagedPicture(MediaError)
  case damagedSound(MediaError)
  case wrongRate(found: Int, expected: Int)
  case emptyText(member: String)
  /// A text that is no UTF-8.
  case damagedText(member: String)
  case badMetadata(field: String, expected: String)
  /// What a model cannot take, for the reason that the caller's decoder gives.
  case unsuitable(String)

  /// What faults are counted by.
  package enum Kind: String, CaseIterable, Sendable {
    case missingMember = "missing member"
    case damagedPicture = "damaged picture"
    case damagedSound = "damaged sound"
    case wrongRate = "wrong sample rate"
    case emptyText = "empty text"
    case damagedText = "damaged text"
    case badMetadata = "bad metadata"
    case unsuitable = "unsuitable"
  }

  package var kind: Kind {
    switch self {
    case .missingMember: .missingMember
    case .damagedPicture: .damagedPicture
    case .damagedSound: .damagedSound
    case .wrongRate: .wrongRate
    case .emptyText: .emptyText
    case .damagedText: .damagedText
    case .badMetadata: .badMetadata
    case .unsuitable: .unsuitable
    }
  }
}

extension SampleFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missingMember(let member): "there is no .\(member)"
    case .damagedPicture(let error), .damagedSound(let error): error.description
    case .wrongRate(let found, let expected): "the sound has \(found) samples a second, not \(expected)"
    case .emptyText(let member): ".\(member) is empty"
    case .damagedText(let member): ".\(member) is no UTF-8"
    case .badMetadata(let field, let expected): "'\(field)' of .json should be \(expected)"
    case .unsuitable(let reason): reason
    }
  }
}
