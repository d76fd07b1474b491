package import Preprocessing

/// What a picture or sound file holds.
package protocol MediaContent: Sendable {
  /// What errors call one that has no path.
  static var noun: String { get }
  /// The largest file in bytes.
  static var largestFile: Int { get }
  /// Decodes the bytes of a file.
  init(fileBytes bytes: Span<UInt8>) throws(MediaError)
}

extension RGBImage: MediaContent {
  package static var noun: String { "picture" }
  package static var largestFile: Int { 64 << 20 }
  package init(fileBytes bytes: Span<UInt8>) throws(MediaError) { try self.init(decoding: bytes) }
}

extension Sound: MediaContent {
  package static var noun: String { "sound" }
  package static var largestFile: Int { 256 << 20 }
  package init(fileBytes bytes: Span<UInt8>) throws(MediaError) { try self.init(wave: bytes) }
}

/// A picture of a request: a JPEG or PNG file, or pixels.
package typealias Picture = Medium<RGBImage>

/// A sound of a request: a WAV file, or samples.
package typealias Recording = Medium<Sound>

/// A picture or sound: a file's bytes, decoded only where this device prepares it, or what was in one.
package struct Medium<Content: MediaContent>: Sendable {
  /// The file's bytes; nil where there is only the content.
  package let encoded: [UInt8]?
  private let content: Content?
  /// What errors call it.
  private let name: String

  /// Reads a file.
  package init(file path: String) throws(DeviceError) {
    self.init(encoded: try readFile(path, limit: Content.largestFile), name: path)
  }

  /// The bytes of a file.
  package init(encoded bytes: [UInt8], name: String = Content.noun) {
    encoded = bytes
    content = nil
    self.name = name
  }

  /// Pixels or samples, with the file that they came from where there is one.
  package init(_ content: Content, encoded: [UInt8]? = nil) {
    self.encoded = encoded
    self.content = content
    name = Content.noun
  }

  package func decoded() throws(DeviceError) -> Content {
    if let content { return content }
    let bytes = encoded ?? []
    do throws(MediaError) { return try Content(fileBytes: bytes.span) } catch { throw .media(path: name, error) }
  }

  /// The same decoded now, so that a later use cannot fail.
  package func checked() throws(DeviceError) -> Medium { Medium(try decoded(), encoded: encoded) }
}

extension Picture {
  /// A file of one raw frame of that size: RGB, or YUYV with two bytes a pixel.
  package init(frame path: String, width: Int, height: Int, isYUYV: Bool) throws(DeviceError) {
    let bytes = try readFile(path, limit: RGBImage.largestFile)
    do throws(MediaError) {
      self.init(
        isYUYV
          ? try RGBImage(yuyv: bytes.span, width: width, height: height) : try RGBImage(rgb24: bytes.span, width: width, height: height))
    } catch { throw .media(path: path, error) }
  }
}

extension Recording {
  /// A file of raw 16-bit little-endian samples of one channel.
  package init(pcm16 path: String, rate: Int) throws(DeviceError) {
    let bytes = try readFile(path, limit: Sound.largestFile)
    do throws(MediaError) { self.init(try Sound(pcm16: bytes.span, rate: rate)) } catch { throw .media(path: path, error) }
  }
}
