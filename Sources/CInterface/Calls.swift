import BundleFormat
import CTributary
import Device
import Inference

/// Why a call fails.
enum CallError: Error {
  /// What is wrong with which argument.
  case argument(String)
  case device(DeviceError)

  var status: tributary_status {
    switch self {
    case .argument: TRIBUTARY_BAD_ARGUMENT
    case .device(let error): error.status
    }
  }

  var message: String {
    switch self {
    case .argument(let text): text
    case .device(let error): error.description
    }
  }
}

extension DeviceError {
  fileprivate var status: tributary_status {
    switch self {
    case .unreadable, .unwritable, .bundle(_, .file): TRIBUTARY_UNREADABLE
    case .bundle, .tokenizer: TRIBUTARY_BAD_BUNDLE
    case .badAddress, .unknownSplit, .unknownRate, .profile, .tls: TRIBUTARY_BAD_ARGUMENT
    case .inference(let error): error.status
    case .tooLarge, .noText, .media, .emptyRequest, .nothingCrosses, .noRawForm: TRIBUTARY_BAD_INPUT
    case .noInput: TRIBUTARY_NOT_TAKEN
    case .remote: TRIBUTARY_NO_ANSWER
    }
  }
}

extension InferenceError {
  fileprivate var status: tributary_status {
    switch self {
    case .threads, .unknownKernels: TRIBUTARY_BAD_ARGUMENT
    case .notQuantized, .differentRows, .damaged: TRIBUTARY_BAD_BUNDLE
    case .unsupportedInterface, .batch, .sequence, .token, .byteCount, .badFeatures, .notGenerative: TRIBUTARY_BAD_INPUT
    case .outOfMemory, .threadStart: TRIBUTARY_NO_RESOURCES
    }
  }
}

/// The model behind a pointer that `tributary_open` returned.
func handle(_ model: OpaquePointer?) -> ModelHandle? {
  model.map { Unmanaged<ModelHandle>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
}

/// Does what a call asks for. A failure becomes its code, and its message the model's.
func call(_ model: OpaquePointer?, _ body: (ModelHandle) throws(CallError) -> Void) -> tributary_status {
  guard let handle = handle(model) else { return TRIBUTARY_BAD_ARGUMENT }
  do throws(CallError) {
    try body(handle)
    return TRIBUTARY_OK
  } catch {
    handle.message.set(error.message)
    return error.status
  }
}

/// Lets the device's errors out as a call's.
func device<Result>(_ body: () throws(DeviceError) -> Result) throws(CallError) -> Result {
  do throws(DeviceError) { return try body() } catch { throw .device(error) }
}

/// The text of an argument that may not be NULL.
func text(_ argument: UnsafePointer<CChar>?, _ name: StaticString) throws(CallError) -> String {
  guard let argument else { throw .argument("\(name) is NULL") }
  return String(cString: argument)
}

/// The elements of an array that is passed as its address and their number: one at least, of at most 1 GiB.
func elements<Element>(_ start: UnsafePointer<Element>?, _ count: Int) throws(CallError) -> UnsafeBufferPointer<Element> {
  guard let start else { throw .argument("the address is NULL") }
  guard (1...(1 << 30) / MemoryLayout<Element>.stride).contains(count) else { throw .argument("a count of \(UInt(bitPattern: count))") }
  return UnsafeBufferPointer(start: start, count: count)
}
