import JSONFormat
package import Preprocessing

/// The files of a shard that have one key, as WebDataset has it: `DIRECTORY/KEY.EXTENSION`, where the extension is all behind the first
/// dot of the file's name.
package struct Sample: Sendable, Equatable {
  /// The name without the extension, unique in its split.
  package let key: String
  /// The bytes of each extension, which is in small letters.
  package let members: [String: [UInt8]]

  package init(key: String, members: [String: [UInt8]]) { (self.key, self.members) = (key, members) }

  /// The extensions of pictures.
  private static let pictures = ["jpg", "png", "jpeg"]

  package func bytes(_ member: String) throws(SampleFault) -> [UInt8] {
    guard let bytes = members[member] else { throw .missingMember(member) }
    return bytes
  }

  /// `.jpg` or `.png`, decoded.
  package func picture() throws(SampleFault) -> RGBImage {
    let member = Self.pictures.first { members[$0] != nil } ?? Self.pictures[0]
    let bytes = try bytes(member)
    do throws(MediaError) { return try RGBImage(decoding: bytes.span) } catch { throw .damagedPicture(error) }
  }

  /// `.wav`, decoded, which must have that rate.
  package func sound(rate: Int) throws(SampleFault) -> Sound {
    let bytes = try bytes("wav")
    let sound: Sound
    do throws(MediaError) { sound = try Sound(wave: bytes.span) } catch { throw .damagedSound(error) }
    guard sound.rate == rate else { throw .wrongRate(found: sound.rate, expected: rate) }
    return sound
  }

  /// `.txt` without the space around it.
  package func caption() throws(SampleFault) -> String {
    guard let text = String(validating: try bytes("txt"), as: UTF8.self) else { throw .damagedText(member: "txt") }
    let trimmed = text.trimmed
    guard !trimmed.isEmpty else { throw .emptyText(member: "txt") }
    return trimmed
  }

  /// `.json` as the sets have it that `tributary-train dataset` makes.
  package func metadata() throws(SampleFault) -> SampleMetadata { try SampleMetadata(parsing: bytes("json")) }

  /// Looks at everything that the samples of such a set have.
  ///
  /// - Parameter concepts: How many the set has.
  /// - Throws: The first fault.
  package func check(rate: Int, concepts: Int) throws(SampleFault) -> (metadata: SampleMetadata, sound: Sound) {
    let metadata = try metadata()
    guard metadata.concept < concepts else { throw .badMetadata(field: "concept", expected: "below \(concepts)") }
    _ = try caption()
    _ = try picture()
    return (metadata, try sound(rate: rate))
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = self[...]
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text.drop { $0.isWhitespace })
  }
}
