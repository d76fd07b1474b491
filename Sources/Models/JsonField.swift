package import JSONFormat

extension Json {
  /// The value in at most 40 characters, for messages.
  var summary: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let text): "'" + (text.count > 38 ? text.prefix(35) + "..." : text) + "'"
    case .array(let elements): "a list of \(elements.count)"
    case .object(let members): "an object of \(members.count)"
    }
  }

  /// This object with a value in place of what lies at the path, or beside it.
  package func replacing(_ path: some Collection<Substring>, with value: Json) -> Json {
    guard let key = path.first.map({ String($0) }) else { return value }
    guard case .object(let members) = self else { return Json.object([]).replacing(path, with: value) }
    let inner = (self[key] ?? .object([])).replacing(path.dropFirst(), with: value)
    guard let place = members.firstIndex(where: { $0.key == key }) else { return .object(members + [Member(key: key, value: inner)]) }
    var changed = members
    changed[place] = Member(key: key, value: inner)
    return .object(changed)
  }
}

/// A place in a JSON or TOML file, which may be absent: knows its name for errors.
package struct Field: Sendable {
  package let file: String
  /// As `model.vocab`.
  package let path: String
  package let value: Json?

  package init(file: String, path: String, value: Json?) {
    self.file = file
    self.path = path
    self.value = value
  }

  /// A member of an object.
  package subscript(_ key: String) -> Field {
    let inner = path.isEmpty ? key : path + "." + key
    return Field(file: file, path: inner, value: value?[key])
  }

  /// An element of this list, for the readers of single values: errors name the list.
  package func with(_ element: Json) -> Field { Field(file: file, path: path, value: element) }

  /// The same place with a value in what lies below it, at a path as `image.heads`.
  package func replacing(_ path: String, with value: Json) -> Field {
    with((self.value ?? .object([])).replacing(path.split(separator: "."), with: value))
  }

  /// Whether the field is absent or null.
  package var isAbsent: Bool { value == nil || value == .null }

  package func integer(_ range: ClosedRange<Int>) throws(ImportError) -> Int {
    let value = try present()
    guard case .integer(let number) = value, range.contains(number) else {
      throw wrong("an integer in \(range.lowerBound)...\(range.upperBound)")
    }
    return number
  }

  package func number(_ range: ClosedRange<Double>) throws(ImportError) -> Double {
    let number: Double? =
      switch try present() {
      case .number(let value): value
      case .integer(let value): Double(value)
      default: nil
      }
    guard let number, range.contains(number) else { throw wrong("a number in \(range.lowerBound)...\(range.upperBound)") }
    return number
  }

  package func integer(_ range: ClosedRange<Int>, default value: Int) throws(ImportError) -> Int {
    isAbsent ? value : try integer(range)
  }

  package func boolean(default value: Bool) throws(ImportError) -> Bool { isAbsent ? value : try boolean() }

  /// A small number that is added to variances.
  package func epsilon(default value: Float) throws(ImportError) -> Float { isAbsent ? value : Float(try number(1e-30...0.5)) }

  package func integers(_ range: ClosedRange<Int>, atMost count: Int) throws(ImportError) -> [Int] {
    var integers: [Int] = []
    for element in try elements() {
      guard case .integer(let number) = element, range.contains(number), integers.count < count else {
        throw wrong("a list of at most \(count) integers in \(range.lowerBound)...\(range.upperBound)")
      }
      integers.append(number)
    }
    return integers
  }

  package func boolean() throws(ImportError) -> Bool {
    guard case .boolean(let value) = try present() else { throw wrong("true or false") }
    return value
  }

  package func string() throws(ImportError) -> String {
    guard case .string(let value) = try present() else { throw wrong("a text") }
    return value
  }

  package func members() throws(ImportError) -> [Json.Member] {
    guard case .object(let members) = try present() else { throw wrong("an object") }
    return members
  }

  package func elements() throws(ImportError) -> [Json] {
    guard case .array(let elements) = try present() else { throw wrong("a list") }
    return elements
  }

  /// Refuses every value but this one; an absent field passes.
  package func expect(_ only: Json) throws(ImportError) {
    guard isAbsent || value == only else { throw wrong(only.summary + ", the only value supported") }
  }

  package func wrong(_ expected: String) -> ImportError {
    .badField(file: file, field: path, expected: expected, found: value?.summary ?? "missing")
  }

  private func present() throws(ImportError) -> Json {
    guard let value, value != .null else { throw .missingField(file: file, field: path) }
    return value
  }
}
