import Foundation

/// The names and keywords that Unicode's CLDR gives characters in a language.
struct Annotations: Sendable {
  struct Entry: Equatable, Sendable {
    var name = ""
    /// Without the name, and without signs that are no words.
    var keywords: [String] = []
  }

  private static let package = "unicode-cldr-core"
  private static let folder = "/usr/share/unicode/cldr/common/annotations"

  let entries: [Unicode.Scalar: Entry]

  init(language: String) throws(MakingError) {
    guard FileManager.default.fileExists(atPath: Self.folder) else { throw .missing(Self.folder, package: Self.package) }
    let path = "\(Self.folder)/\(language).xml"
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .unreadable(file: path, reason: "CLDR has no language '\(language)'")
    }
    self.init(xml: String(decoding: data, as: UTF8.self))
    guard !entries.isEmpty else { throw .badInput(file: path, place: "the file", expected: "elements <annotation cp=…>") }
  }

  /// Characters with a variation selector count as those without; sequences of more are left out.
  init(xml: String) {
    var entries: [Unicode.Scalar: Entry] = [:]
    for part in xml.components(separatedBy: "<annotation cp=\"").dropFirst() {
      guard let head = part.firstIndex(of: ">"), let end = part.range(of: "</annotation>"), let quote = part.firstIndex(of: "\"") else {
        continue
      }
      let scalars = Self.decoded(part[..<quote]).unicodeScalars.filter { $0 != "\u{FE0F}" }
      guard let scalar = scalars.first, scalars.count == 1, head < end.lowerBound else { continue }
      let texts = Self.decoded(part[part.index(after: head)..<end.lowerBound]).components(separatedBy: "|")
        .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
      if part[quote..<head].contains("type=\"tts\"") {
        entries[scalar, default: Entry()].name = texts.first ?? ""
      } else {
        entries[scalar, default: Entry()].keywords = texts
      }
    }
    for (scalar, entry) in entries { entries[scalar]?.keywords = entry.keywords.filter { $0 != entry.name && $0.count > 1 } }
    self.entries = entries.filter { !$0.value.name.isEmpty }
  }

  private static func decoded(_ text: Substring) -> String {
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
    return named.reduce(String(text)) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
  }
}
