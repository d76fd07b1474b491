/// The formats of pictures that are recognised by their first bytes.
package enum ImageFormat: String, Sendable {
  case jpeg = "JPEG"
  case png = "PNG"
}

/// Why a picture or a sound was refused.
package enum MediaError: Error, Equatable {
  case empty
  /// Neither a JPEG nor a PNG picture.
  case unknownImageFormat
  case truncatedImage(ImageFormat)
  /// `code` is libjpeg's number of its message, or 0.
  case damagedImage(ImageFormat, code: Int)
  case unsupportedImage(ImageFormat, code: Int)
  /// More passes or memory than a picture of that size needs.
  case excessiveImage(ImageFormat)
  case imageTooLarge(width: Int, height: Int, maximumPixels: Int)
  case badImageSize(width: Int, height: Int)
  case frameSize(found: Int, expected: Int)
  case badImageOptions(String)
  case notWave
  case truncatedSound(found: Int, expected: Int)
  case missingSoundChunk(String)
  case damagedSound(field: String, value: Int)
  case unsupportedSound(encoding: Int, bits: Int)
  case soundTooLong(samples: Int, limit: Int)
  /// A sample that is infinite or no number.
  case notFinite(sample: Int)
  case badSampleRate(Int)
  case badSoundOptions(String)
}

extension MediaError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .empty: "there are no bytes"
    case .unknownImageFormat: "this is neither a JPEG nor a PNG picture"
    case .truncatedImage(let format): "the \(format.rawValue) picture ends too early"
    case .damagedImage(let format, let code): "the \(format.rawValue) picture is damaged (\(code))"
    case .unsupportedImage(let format, let code): "this kind of \(format.rawValue) picture is not supported (\(code))"
    case .excessiveImage(let format): "the \(format.rawValue) picture takes more passes or memory than its size explains"
    case .imageTooLarge(let width, let height, let limit):
      "the picture has \(width) × \(height) pixels: a side of at most \(RGBImage.maximumSide) and \(limit) pixels in all are allowed"
    case .badImageSize(let width, let height): "\(width) × \(height) is no size of such a picture"
    case .frameSize(let found, let expected): "the frame has \(found) bytes, not \(expected)"
    case .badImageOptions(let reason): "bad image options: \(reason)"
    default: soundDescription
    }
  }

  private var soundDescription: String {
    switch self {
    case .notWave: "this is no WAV sound"
    case .truncatedSound(let found, let expected): "the sound has \(found) bytes where its header tells \(expected)"
    case .missingSoundChunk(let name): "the WAV sound has no chunk '\(name)' where it should be"
    case .damagedSound(let field, let value): "the WAV sound has an impossible \(field): \(value)"
    case .unsupportedSound(let encoding, let bits): "WAV encoding \(encoding) with \(bits) bits is not supported: write PCM or float"
    case .soundTooLong(let samples, let limit): "the sound has \(samples) samples, more than the \(limit) allowed"
    case .notFinite(let sample): "sample \(sample) of the sound is not a finite number"
    case .badSampleRate(let rate): "\(rate) samples a second are not supported: \(Sound.rates.lowerBound) to \(Sound.rates.upperBound) are"
    case .badSoundOptions(let reason): "bad sound options: \(reason)"
    default: ""
    }
  }
}
