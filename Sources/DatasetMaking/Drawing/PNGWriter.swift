import CZlib
import Preprocessing

/// Writes pictures as PNG: 8 bits, red, green and blue, each line as differences from the pixel at its left.
enum PNGWriter {
  static func bytes(of image: RGBImage) -> [UInt8] {
    var header = bigEndian(UInt32(image.width)) + bigEndian(UInt32(image.height))
    header += [8, 2, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header) + chunk("IDAT", compressed(lines(of: image)))
      + chunk("IEND", [])
  }

  private static func lines(of image: RGBImage) -> [UInt8] {
    var lines: [UInt8] = []
    lines.reserveCapacity(image.height * (1 + 3 * image.width))
    for row in 0..<image.height {
      let line = image.pixels[3 * row * image.width..<3 * (row + 1) * image.width]
      lines.append(1)
      lines += line.prefix(3)
      lines += zip(line.dropFirst(3), line).map { $0 &- $1 }
    }
    return lines
  }

  private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
    var size = compressBound(UInt(bytes.count))
    let result = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
      let status = compress2(buffer.baseAddress, &size, bytes, UInt(bytes.count), 6)
      precondition(status == Z_OK, "the buffer is as large as zlib says")
      count = Int(size)
    }
    return result
  }

  private static func chunk(_ name: String, _ contents: [UInt8]) -> [UInt8] {
    let named = Array(name.utf8) + contents
    return bigEndian(UInt32(contents.count)) + named + bigEndian(UInt32(crc32(0, named, UInt32(named.count))))
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
}
