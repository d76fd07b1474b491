import ArgumentParser
import BundleFormat
import Foundation
import Inference
import Peer

/// What ends the command, with its exit code of sysexits(3).
struct Failure {
  private let message: String
  private let code: Int32

  init(_ error: any Error, bundle path: String) {
    (message, code) =
      switch error {
      case BundleError.file: ("\(error)", EX_NOINPUT)
      case is BundleError: ("\(path): \(error)", EX_DATAERR)
      case InferenceError.damaged(.file(let operation, let file, let number)):
        ("\(BundleError.file(operation: operation, path: file, number: number))", EX_NOINPUT)
      case InferenceError.unknownKernels: ("--kernels: \(error)", EX_USAGE)
      case is InferenceError: ("\(path): \(error)", EX_DATAERR)
      case PeerError.cannotListen: ("--listen: \(error)", EX_OSERR)
      case is PeerError: ("--listen: \(error)", EX_USAGE)
      default: ("\(error)", EX_SOFTWARE)
      }
  }

  /// Prints the message on the standard error and gives the exit code.
  func report() -> ExitCode {
    FileHandle.standardError.write(Data("tributary-peer: \(message)\n".utf8))
    return ExitCode(code)
  }
}
