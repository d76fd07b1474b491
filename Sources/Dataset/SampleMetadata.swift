package import JSONFormat

/// What a sample's `.json` tells in the sets that `tributary-train dataset` makes.
package struct SampleMetadata: Hashable, Sendable {
  /// The index in the description's concepts.
  package var concept: Int
  /// The concept's name in the sample's language.
  package var name: String
  /// As `en`; of the captions and of what is spoken.
  package var language: String
  /// The name of the voice, with its speed in words a minute and its pitch of 0 to 99.
  package var voice: String
  package var speed: Int
  package var pitch: Int
  /// How the picture is made: the name of the kind.
  package var rendering: String
  /// The words of the recording.
  package var spoken: String
  /// Texts that fit the picture, one or more: the name, keywords, phrases. `.txt` is one of them.
  package var captions: [String]

  package init(
    concept: Int, name: String, language: String, voice: String, speed: Int, pitch: Int, rendering: String, spoken: String,
    captions: [String]
  ) {
    (self.concept, self.name, self.language, self.voice, self.speed) = (concept, name, language, voice, speed)
    (self.pitch, self.rendering, self.spoken, self.captions) = (pitch, rendering, spoken, captions)
  }
}

extension SampleMetadata {
  package var json: Json {
    .object([
      Json.Member(key: "concept", value: .integer(concept)), Json.Member(key: "name", value: .string(name)),
      Json.Member(key: "language", value: .string(language)), Json.Member(key: "voice", value: .string(voice)),
      Json.Member(key: "speed", value: .integer(speed)), Json.Member(key: "pitch", value: .integer(pitch)),
      Json.Member(key: "rendering", value: .string(rendering)), Json.Member(key: "spoken", value: .string(spoken)),
      Json.Member(key: "captions", value: .array(captions.map { .string($0) })),
    ])
  }

  init(parsing bytes: [UInt8]) throws(SampleFault) {
    let json: Json
    do throws(JsonError) { json = try JsonParser.parse(bytes) } catch {
      throw .badMetadata(field: "byte \(error.offset)", expected: error.expected)
    }
    self.init(
      concept: try json.integer("concept"), name: try json.text("name"), language: try json.text("language"),
      voice: try json.text("voice"), speed: try json.integer("speed"), pitch: try json.integer("pitch"),
      rendering: try json.text("rendering"), spoken: try json.text("spoken"), captions: try json.texts("captions"))
  }
}

extension Json {
  fileprivate func integer(_ key: String) throws(SampleFault) -> Int {
    guard case .integer(let value) = self[key], value >= 0 else { throw .badMetadata(field: key, expected: "an integer from 0") }
    return value
  }

  fileprivate func text(_ key: String) throws(SampleFault) -> String {
    guard case .string(let text) = self[key], !text.isEmpty else { throw .badMetadata(field: key, expected: "a text") }
    return text
  }

  fileprivate func texts(_ key: String) throws(SampleFault) -> [String] {
    guard case .array(let values) = self[key], !values.isEmpty else { throw .badMetadata(field: key, expected: "a list of texts") }
    var texts: [String] = []
    for value in values {
      guard case .string(let text) = value, !text.isEmpty else { throw .badMetadata(field: key, expected: "a list of texts") }
      texts.append(text)
    }
    return texts
  }
}
