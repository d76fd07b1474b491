package import Preprocessing

/// What a caller brings: any of the modalities that a model takes.
package struct Request: Sendable {
  package var text: String?
  package var image: RGBImage?
  package var sound: Sound?

  package init(text: String? = nil, image: RGBImage? = nil, sound: Sound? = nil) {
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

/// A kind of input.
package enum Modality: String, Sendable, CaseIterable {
  case text
  case image
  case sound
}

extension RGBImage {
  /// The largest picture file in bytes.
  package static let largestFile = 64 << 20

  /// A JPEG or PNG file.
  package init(file path: String) throws(DeviceError) {
    let bytes = try readFile(path, limit: Self.largestFile)
    do throws(MediaError) { try self.init(decoding: bytes.span) } catch { throw .media(path: path, error) }
  }

  /// A file of one raw frame of that size: RGB, or YUYV with two bytes a pixel.
  package init(frame path: String, width: Int, height: Int, isYUYV: Bool) throws(DeviceError) {
    let bytes = try readFile(path, limit: Self.largestFile)
    do throws(MediaError) {
      if isYUYV {
        try self.init(yuyv: bytes.span, width: width, height: height)
      } else {
        try self.init(rgb24: bytes.span, width: width, height: height)
      }
    } catch { throw .media(path: path, error) }
  }
}

extension Sound {
  /// The largest sound file in bytes.
  package static let largestFile = 256 << 20

  /// A WAV file, or with a rate a file of raw 16-bit samples.
  package init(file path: String, rawRate: Int? = nil) throws(DeviceError) {
    let bytes = try readFile(path, limit: Self.largestFile)
    do throws(MediaError) {
      if let rawRate {
        try self.init(pcm16: bytes.span, rate: rawRate)
      } else {
        try self.init(wave: bytes.span)
      }
    } catch { throw .media(path: path, error) }
  }
}
