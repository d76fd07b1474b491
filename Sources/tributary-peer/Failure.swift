import ArgumentParser
import BundleFormat
import Device
import Foundation
import Inference
import Models
import Peer

/// What ends the command, with its exit code of sysexits(3).
struct Failure {
  private let message: String
  private let code: Int32

  init(_ error: any Error) {
    (message, code) =
      switch error {
      case DeviceError.bundle(_, .file): ("\(error)", EX_NOINPUT)
      case DeviceError.inference(.unknownKernels): ("--kernels: \(error)", EX_USAGE)
      case is DeviceError: ("\(error)", EX_DATAERR)
      case ImportError.unreadable, ImportError.missingFile: ("--float: \(error)", EX_NOINPUT)
      case is ImportError, is FloatError: ("--float: \(error)", EX_DATAERR)
      case PeerError.credentials(let path, _): ("\(error)", access(path, R_OK) == 0 ? EX_DATAERR : EX_NOINPUT)
      case PeerError.cannotListen: ("--listen: \(error)", EX_OSERR)
      case PeerError.remoteMetrics: ("--metrics: \(error)", EX_USAGE)
      case PeerError.cannotShowMetrics: ("--metrics: \(error)", EX_OSERR)
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
