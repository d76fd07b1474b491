/// Why a set cannot be made.
package enum MakingError: Error, Equatable {
  /// What is needed is in a Debian package that is not installed.
  case missing(String, package: String)
  case unreadable(file: String, reason: String)
  /// A line or part of a file that cannot be used.
  case badInput(file: String, place: String, expected: String)
  case unwritable(path: String, reason: String)
  /// The directory holds a set that was made in another way.
  case otherSet(directory: String)
  case speech(String)
  /// No concept has a picture and a name.
  case noConcepts
}

extension MakingError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing(let what, let package): "\(what) is missing: as root run: apt-get install \(package)"
    case .unreadable(let file, let reason), .unwritable(let file, let reason): "\(file): \(reason)"
    case .badInput(let file, let place, let expected): "\(file): \(place): expected \(expected)"
    case .otherSet(let directory): "\(directory) holds a set made in another way: remove it or choose another directory"
    case .speech(let reason): "speech: \(reason)"
    case .noConcepts: "no concept has a picture and a name in English"
    }
  }
}
