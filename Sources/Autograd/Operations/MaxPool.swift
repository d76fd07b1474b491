import ModelGraph

/// The largest of each channel in a window over an image.
struct MaxPool: TapeOperation {
  let window: Window
  /// Of the input and of the output.
  let size: Window.Size
  let positions: Window.Size
  let channels: Int

  var backwardReads: BackwardReads { [] }

  func layout(_ inputs: [RowLayout]) -> RowLayout? { inputs[0].present(positions.height * positions.width) }

  /// For each element of the result the place in the image that it came from, as the bits of an integer.
  func savedCount(_ inputs: [RowLayout]) -> Int { layout(inputs).map { $0.count * channels } ?? 0 }

  func forward(_ pass: Pass) {
    forEachImage(pass, pass.inputs[0].layout) { x, y, count in
      let result = pass.output.row(y)
      let origins = pass.saved + y * channels
      let image = pass.inputs[0].row(x)
      for element in 0..<count * channels { result[element] = -.infinity }
      window.forEachTap(over: size, positions: positions) { position, tap in
        for channel in 0..<channels where image[tap * channels + channel] > result[position * channels + channel] {
          result[position * channels + channel] = image[tap * channels + channel]
          origins[position * channels + channel] = Float(bitPattern: UInt32(tap))
        }
      }
    }
  }

  func backward(_ pass: Pass, _ gradients: Gradients) {
    guard let dx = gradients.inputs[0] else { return }
    forEachImage(pass, dx.rows.layout) { x, y, count in
      let image = dx.rows.row(x)
      let (origins, dy) = (pass.saved + y * channels, gradients.output.row(y))
      if dx.keep == 0 { image.update(repeating: 0, count: size.height * size.width * channels) }
      for position in 0..<count {
        for channel in 0..<channels {
          let element = position * channels + channel
          image[Int(origins[element].bitPattern) * channels + channel] += dy[element]
        }
      }
    }
  }

  /// Calls `body` with the first row of each image and of its result, and the number of positions.
  private func forEachImage(_ pass: Pass, _ layout: RowLayout, _ body: (_ x: Int, _ y: Int, _ count: Int) -> Void) {
    pass.workers.share(layout.examples) { _, part in
      for example in part where !layout[example].isEmpty {
        let result = pass.output.layout[example]
        body(layout[example].lowerBound, result.lowerBound, result.count)
      }
    }
  }
}

extension Window {
  /// Calls `body` with each position of the window and the place in the image of each tap that lies inside, in order.
  func forEachTap(over image: Size, positions: Size, _ body: (_ position: Int, _ tap: Int) -> Void) {
    for y in 0..<positions.height {
      for x in 0..<positions.width {
        for tapY in 0..<size.height {
          for tapX in 0..<size.width {
            let line = y * stride.height + tapY - padding.top
            let column = x * stride.width + tapX - padding.left
            guard (0..<image.height).contains(line), (0..<image.width).contains(column) else { continue }
            body(y * positions.width + x, line * image.width + column)
          }
        }
      }
    }
  }
}
