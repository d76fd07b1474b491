import CFreeType
import Foundation
import Synchronization

/// The coloured bitmaps of Noto Color Emoji, through FreeType.
final class EmojiFont: Sendable {
  private static let package = "fonts-noto-color-emoji"
  static let standardPath = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"

  /// FreeType's objects, which one thread at a time may use. They stay as long as the program.
  private struct Face: @unchecked Sendable {
    let face: FT_Face
  }

  private let face: Mutex<Face>

  init(path: String = standardPath) throws(MakingError) {
    guard FileManager.default.fileExists(atPath: path) else { throw .missing(path, package: Self.package) }
    var library: FT_Library?
    var face: FT_Face?
    guard FT_Init_FreeType(&library) == 0, let library, FT_New_Face(library, path, 0, &face) == 0, let face else {
      throw .unreadable(file: path, reason: "FreeType cannot open it")
    }
    guard FT_Select_Size(face, 0) == 0 else { throw .unreadable(file: path, reason: "it has no bitmaps") }
    self.face = Mutex(Face(face: face))
  }

  /// The picture of a character; nil where the font has none.
  func sprite(of scalar: Unicode.Scalar) -> Sprite? {
    face.withLock { held in
      guard FT_Get_Char_Index(held.face, FT_ULong(scalar.value)) != 0 else { return nil }
      guard FT_Load_Char(held.face, FT_ULong(scalar.value), FT_Int32(FT_LOAD_COLOR)) == 0 else { return nil }
      let bitmap = held.face.pointee.glyph.pointee.bitmap
      guard Int(bitmap.pixel_mode) == Int(FT_PIXEL_MODE_BGRA.rawValue), bitmap.width > 0, bitmap.rows > 0 else { return nil }
      return Sprite(bitmap)
    }
  }

  /// Whether the font has the character.
  func has(_ scalar: Unicode.Scalar) -> Bool { face.withLock { FT_Get_Char_Index($0.face, FT_ULong(scalar.value)) != 0 } }
}

extension Sprite {
  /// From blue, green, red and opacity, multiplied already.
  fileprivate init(_ bitmap: FT_Bitmap) {
    let (width, height, pitch) = (Int(bitmap.width), Int(bitmap.rows), Int(bitmap.pitch))
    var pixels: [SIMD4<Float>] = []
    pixels.reserveCapacity(width * height)
    for row in 0..<height {
      for column in 0..<width {
        let pixel = bitmap.buffer + row * pitch + 4 * column
        pixels.append(SIMD4(Float(pixel[2]), Float(pixel[1]), Float(pixel[0]), Float(pixel[3])) / 255)
      }
    }
    self.init(width: width, height: height, pixels: pixels)
  }
}
