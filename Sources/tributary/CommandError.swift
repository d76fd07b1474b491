import BundleFormat
import Device
import Inference

/// Why a command ended without its result, with the exit codes of sysexits(3).
enum CommandError: Error {
  case usage(UsageError)
  case device(DeviceError)
  case system(String)

  var description: String {
    switch self {
    case .usage(let error): error.description
    case .device(let error): error.description
    case .system(let text): text
    }
  }

  /// 64 for a wrong command line, 65 for bad data, 66 for an unreadable file, 69 for an unavailable peer, 71 for the system, 73 for an
  /// unwritable file.
  var exitCode: Int32 {
    switch self {
    case .usage, .device(.badAddress), .device(.unknownSplit), .device(.unknownRate), .device(.inference(.unknownKernels)),
      .device(.noInput),
      .device(.emptyRequest), .device(.nothingCrosses), .device(.noRawForm), .device(.tls(.leftOut)):
      64
    case .device(.unreadable), .device(.bundle(_, .file)): 66
    case .device(.remote): 69
    case .device(.unwritable): 73
    case .device(.profile), .device(.bundle), .device(.tooLarge), .device(.noText), .device(.inference), .device(.tokenizer),
      .device(.media), .device(.tls):
      65
    case .system: 71
    }
  }
}

/// Turns a command line's error into the command's.
func usage<Value>(_ body: () throws(UsageError) -> Value) throws(CommandError) -> Value {
  do throws(UsageError) { return try body() } catch { throw .usage(error) }
}

/// Turns a device's error into the command's.
func device<Value>(_ body: () throws(DeviceError) -> Value) throws(CommandError) -> Value {
  do throws(DeviceError) { return try body() } catch { throw .device(error) }
}
