import Device
import ModelGraph

/// One flag of a command.
struct Flag {
  let name: String
  /// What stands for its value in the help, or nil for a switch.
  let placeholder: String?
  let help: String
}

/// A command's interface: what its arguments may be and what `--help` prints.
struct Interface {
  let name: String
  let operand: String
  /// Whether the command also has a meaning without its operand.
  var isOperandOptional = false
  let summary: String
  let flags: [Flag]
  let examples: [String]
  /// What flags alone do not tell.
  var details = ""

  var help: String {
    var text = "\(summary)\n\nUsage: tributary \(name) \(isOperandOptional ? "[\(operand)]" : operand) [options]\n\nOptions:\n"
    for flag in flags {
      let left = "--" + flag.name + (flag.placeholder.map { " " + $0 } ?? "")
      text += "  " + leading(left, 24) + " " + flag.help + "\n"
    }
    text += "\nExamples:\n"
    for example in examples { text += "  " + example + "\n" }
    return details.isEmpty ? text : text + "\n" + details + "\n"
  }
}

/// What is wrong with a command line.
enum UsageError: Error {
  case unknownFlag(String, command: String)
  case missingValue(String)
  case repeated(String)
  case missingOperand(String)
  case extraOperand(String)
  case notANumber(flag: String, value: String, range: ClosedRange<Int>)
  case notSeconds(flag: String, value: String)
  case notRising(flag: String)
  case notAShare(flag: String, value: String)
  case notModalities(flag: String, value: String)
  case notAFrame(String)
  case notALink(String)
  case notAFactor(flag: String, value: String)
  case notAnObjective(String)
  case missingFlag(String, why: String)
  /// Two flags of which one at most may be given.
  case conflict(String, String, why: String)
  case unknownCommand(String)

  var description: String {
    switch self {
    case .unknownFlag(let flag, let command): "'\(flag)' is no option of 'tributary \(command)': see 'tributary \(command) --help'"
    case .missingValue(let flag): "--\(flag) wants a value"
    case .repeated(let flag): "--\(flag) is given twice"
    case .missingOperand(let operand): "\(operand) is missing"
    case .extraOperand(let word): "'\(word)' is one argument too many (quote a text that has spaces)"
    case .notANumber(let flag, let value, let range):
      "--\(flag) wants a whole number from \(range.lowerBound) to \(range.upperBound), not '\(value)'"
    case .notSeconds(let flag, let value): "--\(flag) wants seconds from 0.001 to 3600, as 2 or 0.5, not '\(value)'"
    case .notRising(let flag): "--\(flag) wants rising numbers here"
    case .notAShare(let flag, let value): "--\(flag) wants a number from 0 to 1, as 0.95, not '\(value)'"
    case .notModalities(let flag, let value): "--\(flag) wants some of text, image and sound, as text,image, not '\(value)'"
    case .notAFrame(let value): "--frame wants a size as 640x480 or 640x480:yuyv, not '\(value)'"
    case .notALink(let value):
      "--link wants the round trip in milliseconds and megabits a second up and down, as 5,20 or 5,20,100, not '\(value)'"
    case .notAFactor(let flag, let value): "--\(flag) wants a number above 0, as 8 or 0.5, not '\(value)'"
    case .notAnObjective(let value): "--objective wants latency, energy, bytes or latency:0.5J, not '\(value)'"
    case .missingFlag(let flag, let why): "--\(flag) is missing: \(why)"
    case .conflict(let first, let second, let why): "--\(first) and --\(second) do not go together: \(why)"
    case .unknownCommand(let name): "'\(name)' is no command: try 'tributary --help'"
    }
  }
}

/// The arguments of a command, checked against its interface.
struct Arguments {
  /// Empty where it was left out.
  let operand: String
  private var values: [String: String] = [:]

  /// Parses the words after the command's name. `--flag value` and `--flag=value` are both taken.
  init(_ words: [String], for interface: Interface) throws(UsageError) {
    var operand: String?
    var position = 0
    while position < words.count {
      let word = words[position]
      position += 1
      guard word.utf8.starts(with: "--".utf8) else {
        guard operand == nil else { throw .extraOperand(word) }
        operand = word
        continue
      }
      let (name, inline) = Self.split(word)
      guard let flag = interface.flags.first(where: { $0.name == name }), inline == nil || flag.placeholder != nil else {
        throw .unknownFlag(word, command: interface.name)
      }
      guard values[name] == nil else { throw .repeated(name) }
      if flag.placeholder == nil {
        values[name] = ""
      } else if let inline {
        values[name] = inline
      } else {
        guard position < words.count else { throw .missingValue(name) }
        values[name] = words[position]
        position += 1
      }
    }
    guard operand != nil || interface.isOperandOptional else { throw .missingOperand(interface.operand) }
    self.operand = operand ?? ""
  }

  private static func split(_ word: String) -> (name: String, value: String?) {
    let body = word.utf8.dropFirst(2)
    guard let equals = body.firstIndex(of: UInt8(ascii: "=")) else { return (String(Substring(body)), nil) }
    return (String(Substring(body[..<equals])), String(Substring(body[body.index(after: equals)...])))
  }

  subscript(_ flag: String) -> String? { values[flag] }

  func has(_ flag: String) -> Bool { values[flag] != nil }

  /// The flag's whole number, or the default.
  func number(_ flag: String, in range: ClosedRange<Int>, default standard: Int) throws(UsageError) -> Int {
    guard let text = values[flag] else { return standard }
    guard let number = Int(text), range.contains(number) else { throw .notANumber(flag: flag, value: text, range: range) }
    return number
  }

  /// The flag's seconds, as `2` or `0.5`, in milliseconds; or the default.
  func milliseconds(_ flag: String, default standard: Int) throws(UsageError) -> Int {
    guard let text = values[flag] else { return standard }
    guard let number = Self.thousandths(of: text), (1...3_600_000).contains(number) else { throw .notSeconds(flag: flag, value: text) }
    return number
  }

  /// The flag's share of 1, as `0.95`; nil where it is not given.
  func share(_ flag: String) throws(UsageError) -> Float? {
    guard let text = values[flag] else { return nil }
    guard let number = Self.thousandths(of: text), (0...1000).contains(number) else { throw .notAShare(flag: flag, value: text) }
    return Float(number) / 1000
  }

  /// A number without sign and exponent, times 1000 and cut to a whole one.
  private static func thousandths(of text: String) -> Int? {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = parts.count > 1 ? Array(parts[1]) : []
    let digits = fraction.prefix(3) + [UInt8](repeating: UInt8(ascii: "0"), count: max(0, 3 - fraction.count))
    guard let whole = UInt16(Substring(parts[0])), let thousandths = UInt16(String(decoding: digits, as: UTF8.self)) else { return nil }
    return Int(whole) * 1000 + Int(thousandths)
  }

  /// The flag's modalities, parted by commas; nil where it is not given.
  func modalities(_ flag: String) throws(UsageError) -> [Modality]? {
    guard let text = values[flag] else { return nil }
    var modalities: [Modality] = []
    for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      guard let modality = Modality(rawValue: String(decoding: part, as: UTF8.self)) else { throw .notModalities(flag: flag, value: text) }
      modalities.append(modality)
    }
    return modalities
  }

  /// The flag's whole numbers, parted by commas, or the default.
  func numbers(_ flag: String, in range: ClosedRange<Int>, default standard: [Int]) throws(UsageError) -> [Int] {
    guard let text = values[flag] else { return standard }
    var numbers: [Int] = []
    for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      guard let number = Int(Substring(part)), range.contains(number) else { throw .notANumber(flag: flag, value: text, range: range) }
      numbers.append(number)
    }
    return numbers
  }
}
