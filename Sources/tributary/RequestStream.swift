import CPosix
import Device
import JSONFormat

/// `tributary run --stream`: requests from standard input, a JSON object a line, each answered by a line on standard output.
struct RequestStream {
  /// The longest line in bytes.
  private static let longestLine = 1 << 20

  private let execution: Execution
  private var pending: [UInt8] = []
  private var isAtEnd = false

  init(_ execution: Execution) { self.execution = execution }

  /// Answers until the input ends.
  consuming func run() throws(CommandError) {
    while let line = try nextLine() {
      if !line.isEmpty { Console.print(answer(to: line).text) }
    }
  }

  /// The next line without its end; nil after the last.
  private mutating func nextLine() throws(CommandError) -> [UInt8]? {
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(pending[..<end])
        pending.removeFirst(end + 1)
        return line
      }
      guard !isAtEnd else {
        defer { pending = [] }
        return pending.isEmpty ? nil : pending
      }
      guard pending.count <= Self.longestLine else { throw .system("a line of the input is longer than \(Self.longestLine) bytes") }
      try read()
    }
  }

  private mutating func read() throws(CommandError) {
    execution.rest(untilReadable: STDIN_FILENO)
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let count = chunk.withUnsafeMutableBytes { CPosix.read(STDIN_FILENO, $0.baseAddress, $0.count) }
    if count > 0 {
      pending += chunk[..<count]
    } else if count == 0 {
      isAtEnd = true
    } else if posix_errno() != EINTR {
      throw .system("standard input cannot be read")
    }
  }

  private func answer(to line: [UInt8]) -> JSON {
    let parsed: Json
    do throws(JsonError) { parsed = try JsonParser.parse(line) } catch {
      return Self.refusal(.null, "no JSON: at byte \(error.offset) \(error.expected) is expected", code: 65)
    }
    let id = parsed["id"].map { JSON(scalar: $0) } ?? .null
    do throws(StreamedRequestError) {
      let streamed = try StreamedRequest(parsed)
      do throws(DeviceError) {
        let result = try execution.run(streamed.request(), deadlineMilliseconds: streamed.deadlineMilliseconds)
        return .object([("id", id)] + result.members)
      } catch {
        return Self.refusal(id, error.description, code: CommandError.device(error).exitCode)
      }
    } catch {
      return Self.refusal(id, error.description, code: 64)
    }
  }

  private static func refusal(_ id: JSON, _ message: String, code: Int32) -> JSON {
    .object([("id", id), ("error", .string(message)), ("code", .integer(Int(code)))])
  }
}

/// What a line asks for.
private struct StreamedRequest {
  private var text: String?
  private var image: String?
  private var audio: String?
  private(set) var deadlineMilliseconds: Int?

  init(_ value: Json) throws(StreamedRequestError) {
    guard case .object(let members) = value else { throw .noObject }
    for member in members {
      switch (member.key, member.value) {
      case ("id", .array), ("id", .object): throw .badValue("id")
      case ("id", _): break
      case ("text", .string(let value)): text = value
      case ("image", .string(let path)): image = path
      case ("audio", .string(let path)): audio = path
      case ("deadline", .integer(let seconds)) where (1...3600).contains(seconds): deadlineMilliseconds = 1000 * seconds
      case ("deadline", .number(let seconds)) where (0.001...3600).contains(seconds): deadlineMilliseconds = Int(1000 * seconds)
      case ("text", _), ("image", _), ("audio", _), ("deadline", _): throw .badValue(member.key)
      default: throw .unknownKey(member.key)
      }
    }
  }

  /// With its files read.
  func request() throws(DeviceError) -> Request {
    var request = Request(text: text)
    request.image = try image.map { path throws(DeviceError) in try Picture(file: path) }
    request.sound = try audio.map { path throws(DeviceError) in try Recording(file: path) }
    return request
  }
}

/// Why a line is no request.
private enum StreamedRequestError: Error {
  case noObject
  case unknownKey(String)
  case badValue(String)

  var description: String {
    switch self {
    case .noObject: "a request is an object, as {\"text\": \"a cat\"}"
    case .unknownKey(let key): "'\(key)' is no part of a request: id, text, image, audio and deadline are"
    case .badValue("deadline"): "'deadline' wants seconds from 0.001 to 3600"
    case .badValue("id"): "'id' wants a text or a number"
    case .badValue(let key): "'\(key)' wants a text"
    }
  }
}

extension JSON {
  /// A value without parts, to be printed as it was read.
  fileprivate init(scalar: Json) {
    self =
      switch scalar {
      case .null, .array, .object: .null
      case .boolean(let value): .boolean(value)
      case .integer(let value): .integer(value)
      case .number(let value): .number(value, decimals: 6)
      case .string(let value): .string(value)
      }
  }
}
