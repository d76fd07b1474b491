import CFloatKernels
import ModelGraph

/// The windows of a convolution over one image [height, width, channels], as rows [height · width · channels / groups], zeros beyond the
/// edge; and the way back.
struct Windows {
  let window: Window
  /// Of the image, and how often the window fits over it.
  let size: Window.Size
  let positions: Window.Size
  let channels: Int
  let groups: Int

  /// Of the whole image.
  var count: Int { positions.height * positions.width }

  /// Elements of a window.
  var length: Int { window.size.height * window.size.width * channels / groups }

  /// Memory for that many windows.
  func scratch(_ workers: Workers, _ thread: Int, count: Int) -> Block {
    Block(workers.scratch(thread, count: count * length), rows: count, columns: length)
  }

  /// Copies the windows at some positions.
  func gather(_ image: UnsafePointer<Float>, group: Int, positions: Range<Int>, into block: Block) {
    block.start.update(repeating: 0, count: block.rows * block.columns)
    forEachRun(group: group, positions: positions) { place, pixel, count in
      f32_scale(block.start + place, image + pixel, 1, 0, count)
    }
  }

  /// Adds windows to the image.
  func scatter(_ block: Block, group: Int, positions: Range<Int>, to image: UnsafeMutablePointer<Float>) {
    forEachRun(group: group, positions: positions) { place, pixel, count in
      f32_scale(image + pixel, block.start + place, 1, 1, count)
    }
  }

  /// Calls `body` with each run of elements that lie behind each other both in a window and in the image: taps of one line where there is
  /// one group, else the group's channels of one tap.
  private func forEachRun(group: Int, positions range: Range<Int>, _ body: (_ place: Int, _ pixel: Int, _ count: Int) -> Void) {
    let width = channels / groups
    let taps = window.size.width
    for (row, position) in range.enumerated() {
      let top = position / positions.width * window.stride.height - window.padding.top
      let left = position % positions.width * window.stride.width - window.padding.left
      let inside = max(0, -left)..<max(min(taps, size.width - left), max(0, -left))
      for tapY in 0..<window.size.height where (0..<size.height).contains(top + tapY) {
        let place = row * length + tapY * taps * width
        let line = (top + tapY) * size.width + left
        if groups == 1 {
          body(place + inside.lowerBound * width, (line + inside.lowerBound) * width, inside.count * width)
        } else {
          for tap in inside { body(place + tap * width, (line + tap) * channels + group * width, width) }
        }
      }
    }
  }
}
