package import ModelGraph
package import Wire

/// What a caller brings: any of the modalities that a model takes.
package struct Request: Sendable {
  package var text: String?
  package var image: Picture?
  package var sound: Recording?

  package init(text: String? = nil, image: Picture? = nil, sound: Recording? = nil) {
    self.text = text
    self.image = image
    self.sound = sound
  }

  /// The modalities that are there.
  package var modalities: [Modality] {
    var present: [Modality] = []
    if text != nil { present.append(.text) }
    if image != nil { present.append(.image) }
    if sound != nil { present.append(.sound) }
    return present
  }
}

extension Request {
  /// With those modalities alone.
  func limited(to modalities: [Modality]) -> Request {
    Request(
      text: modalities.contains(.text) ? text : nil, image: modalities.contains(.image) ? image : nil,
      sound: modalities.contains(.sound) ? sound : nil)
  }

  /// The inputs as they came, where all of them came in a form that can be sent: a text, a picture file, a sound file.
  package var raw: RawInputs? {
    var items: [RawInputs.Item] = []
    if let text, !text.utf8.isEmpty { items.append(RawInputs.Item(kind: .text, bytes: Array(text.utf8))) }
    if let bytes = image?.encoded { items.append(RawInputs.Item(kind: .image, bytes: bytes)) }
    if let bytes = sound?.encoded { items.append(RawInputs.Item(kind: .sound, bytes: bytes)) }
    return items.isEmpty || items.count < modalities.count ? nil : RawInputs(items)
  }
}
