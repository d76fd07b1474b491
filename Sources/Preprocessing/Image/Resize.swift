extension RGBImage {
  /// Resizes as Pillow's `Image.resize` does up to version 12, bit for bit: first all rows, then all columns, in integers, with the filter
  /// as wide as the input pixels of an output pixel where the picture shrinks. (Pillow 13 takes the columns of some tall pictures first: a
  /// difference of at most 1, or a few where a bicubic filter meets noise.)
  ///
  /// - Parameters:
  ///   - width, height: The size of the whole result, 1 or more each.
  ///   - columns, rows: The part of the result that is wanted: only that is computed.
  func resized(width: Int, height: Int, columns: Range<Int>, rows: Range<Int>, filter: ResizeFilter) -> RGBImage {
    let across = ResampleTaps(from: self.width, to: width, window: columns, filter: filter)
    let down = ResampleTaps(from: self.height, to: height, window: rows, filter: filter)
    let narrow = resampledRows(down.inputs, across)
    let pixels = Self.resampledColumns(narrow, rowLength: 3 * columns.count, firstRow: down.inputs.lowerBound, down)
    return RGBImage(width: columns.count, height: rows.count, pixels: pixels)
  }

  /// [rows, outputs of the taps, 3]
  private func resampledRows(_ rows: Range<Int>, _ taps: ResampleTaps) -> [UInt8] {
    let outputs = taps.starts.count
    return unsafe [UInt8](unsafeUninitializedCapacity: rows.count * outputs * 3) { target, count in
      unsafe pixels.withUnsafeBufferPointer { source in
        unsafe taps.weights.withUnsafeBufferPointer { weights in
          for row in 0..<rows.count {
            let from = unsafe UnsafeBufferPointer(rebasing: source[((rows.lowerBound + row) * width * 3)...])
            let to = unsafe UnsafeMutableBufferPointer(rebasing: target[(row * outputs * 3)...])
            unsafe Self.resampleRow(from, to, taps, weights)
          }
        }
      }
      count = rows.count * outputs * 3
    }
  }

  private static func resampleRow(
    _ source: UnsafeBufferPointer<UInt8>, _ target: UnsafeMutableBufferPointer<UInt8>, _ taps: ResampleTaps,
    _ weights: UnsafeBufferPointer<Int32>
  ) {
    for output in taps.starts.indices {
      var (red, green, blue) = (half, half, half)
      var (from, at) = (3 * taps.starts[output], output * taps.stride)
      for _ in 0..<taps.counts[output] {
        let weight = unsafe weights[at]
        red &+= unsafe Int32(source[from]) &* weight
        green &+= unsafe Int32(source[from + 1]) &* weight
        blue &+= unsafe Int32(source[from + 2]) &* weight
        from += 3
        at += 1
      }
      unsafe target[3 * output] = byte(red)
      unsafe target[3 * output + 1] = byte(green)
      unsafe target[3 * output + 2] = byte(blue)
    }
  }

  /// [outputs of the taps, rowLength] from rows of which the first is row `firstRow` of the picture.
  private static func resampledColumns(_ rows: [UInt8], rowLength: Int, firstRow: Int, _ taps: ResampleTaps) -> [UInt8] {
    var sums = [Int32](repeating: 0, count: rowLength)
    let outputs = taps.starts.count
    return unsafe [UInt8](unsafeUninitializedCapacity: outputs * rowLength) { target, count in
      for output in 0..<outputs {
        for column in 0..<rowLength { sums[column] = half }
        for tap in 0..<taps.counts[output] {
          let row = (taps.starts[output] + tap - firstRow) * rowLength
          add(rows.span.extracting(row..<row + rowLength), times: taps.weights[output * taps.stride + tap], to: &sums)
        }
        for column in 0..<rowLength { unsafe target[output * rowLength + column] = byte(sums[column]) }
      }
      count = outputs * rowLength
    }
  }

  private static func add(_ row: Span<UInt8>, times weight: Int32, to sums: inout [Int32]) {
    for column in row.indices { sums[column] &+= Int32(row[column]) &* weight }
  }

  /// One half, which a sum begins with to be rounded to nearest.
  private static let half: Int32 = 1 << (ResampleTaps.precision - 1)

  private static func byte(_ sum: Int32) -> UInt8 { UInt8(truncatingIfNeeded: max(0, min(255, sum >> ResampleTaps.precision))) }
}
