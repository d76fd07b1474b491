/// A window that slides over an image or a signal: where it stands and what lies beyond the edge.
///
/// Images are [batch, height, width, channels]. Signals are [batch, positions, channels] and count as images of height 1, whose positions
/// lie along the width.
package struct Window: Hashable, Sendable {
  package struct Size: Hashable, Sendable {
    package let height: Int
    package let width: Int

    package init(height: Int, width: Int) {
      self.height = height
      self.width = width
    }
  }

  /// Positions beyond each edge. They hold zeros (of a maximum: nothing).
  package struct Padding: Hashable, Sendable {
    package let top: Int
    package let bottom: Int
    package let left: Int
    package let right: Int

    package init(top: Int, bottom: Int, left: Int, right: Int) {
      self.top = top
      self.bottom = bottom
      self.left = left
      self.right = right
    }

    package init(_ all: Int) { self.init(top: all, bottom: all, left: all, right: all) }

    package static let none = Padding(0)
  }

  package let size: Size
  package let stride: Size
  package let padding: Padding

  package init(size: Size, stride: Size, padding: Padding = .none) {
    self.size = size
    self.stride = stride
    self.padding = padding
  }

  /// A square window.
  package init(_ size: Int, stride: Int = 1, padding: Padding = .none) {
    self.init(size: Size(height: size, width: size), stride: Size(height: stride, width: stride), padding: padding)
  }

  /// A window over a signal.
  package init(signal size: Int, stride: Int = 1, before: Int = 0, after: Int = 0) {
    self.init(
      size: Size(height: 1, width: size), stride: Size(height: 1, width: stride),
      padding: Padding(top: 0, bottom: 0, left: before, right: after))
  }

  /// The largest size, stride or padding.
  package static let maximum = 256

  /// Whether every number is one that a graph may have.
  var isSound: Bool {
    [size.height, size.width, stride.height, stride.width].allSatisfy { (1...Self.maximum).contains($0) }
      && [padding.top, padding.bottom].allSatisfy { (0..<size.height).contains($0) }
      && [padding.left, padding.right].allSatisfy { (0..<size.width).contains($0) }
  }

  /// How often the window fits over an image of that size; nil where it does not.
  package func positions(over image: Size) -> Size? {
    let height = image.height + padding.top + padding.bottom - size.height
    let width = image.width + padding.left + padding.right - size.width
    guard height >= 0, width >= 0 else { return nil }
    return Size(height: height / stride.height + 1, width: width / stride.width + 1)
  }
}

/// A convolution: cross-correlation, as everywhere in deep learning. Channels are cut into groups that do not see each other.
package struct Convolution: Hashable, Sendable {
  package let window: Window
  package let groups: Int

  package init(_ window: Window, groups: Int = 1) {
    self.window = window
    self.groups = groups
  }

  /// How a window's inputs lie behind each other in memory: `parts` runs of `length` inputs. A group of an image's channels is one run a
  /// position; all channels of the positions in one line of the window are one run.
  package func runs(inputChannels: Int) -> (parts: Int, length: Int) {
    let size = window.size
    return groups == 1 ? (size.height, size.width * inputChannels) : (size.height * size.width, inputChannels / groups)
  }

  /// Whether each channel is a group of its own, with one output.
  package func isDepthwise(inputChannels: Int, outputChannels: Int) -> Bool {
    groups > 1 && groups == inputChannels && groups == outputChannels
  }
}
