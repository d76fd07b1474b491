import ArgumentParser
import BundleFormat
import Dataset
import DatasetMaking
import Foundation
import Models
import Pretraining
import Training

/// What ends the command, with its exit code of sysexits(3).
enum Failure: Error {
  /// A file that is missing or cannot be read: 66.
  case unreadable(String)
  /// What a file says cannot be used: 65.
  case badData(String)
  /// The bundle cannot be written: 73.
  case unwritable(String)

  init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as ImportError: self = error.isUnreadable ? .unreadable("\(error)") : .badData("\(error)")
    case let error as PretrainingError: self = Failure(error)
    case TowerError.file: self = .unwritable("--hugging-face: \(error)")
    case BundleError.file, MultimodalWriteError.file: self = .unwritable("--out: \(error)")
    case DatasetError.unreadable, MakingError.unreadable, MakingError.missing: self = .unreadable("\(error)")
    case MakingError.unwritable, MakingError.otherSet: self = .unwritable("\(error)")
    default: self = .badData("\(error)")
    }
  }

  /// The same, of what that flag named.
  func of(_ flag: String) -> Failure {
    switch self {
    case .unreadable(let message): .unreadable("\(flag): \(message)")
    case .badData(let message): .badData("\(flag): \(message)")
    case .unwritable(let message): .unwritable("\(flag): \(message)")
    }
  }

  private init(_ error: PretrainingError) {
    switch error {
    case .experiment(let reason) where reason.isUnreadable: self = .unreadable("\(error)")
    case .dataset(DatasetError.unreadable): self = .unreadable("\(error)")
    case .unwritable, .directory, .training(TrainingError.unwritable): self = .unwritable("\(error)")
    default: self = .badData("\(error)")
    }
  }

  /// Prints the message on the standard error and gives the exit code.
  func report() -> ExitCode {
    let (message, code): (String, Int32) =
      switch self {
      case .unreadable(let message): (message, EX_NOINPUT)
      case .badData(let message): (message, EX_DATAERR)
      case .unwritable(let message): (message, EX_CANTCREAT)
      }
    FileHandle.standardError.write(Data("tributary-train: \(message)\n".utf8))
    return ExitCode(code)
  }
}

extension ImportError {
  fileprivate var isUnreadable: Bool {
    switch self {
    case .unreadable, .missingFile: true
    default: false
    }
  }
}
