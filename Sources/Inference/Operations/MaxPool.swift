import CKernels
import ModelGraph

/// The largest of each channel in windows over an image; threads share out the lines.
struct MaxPoolStep {
  let input: Rows
  let output: BufferID
  let window: Window
  let size: Window.Size
  let positions: Window.Size

  func run(_ frame: borrowing Frame, thread: Int) {
    guard frame.count(input.stream) > 0 else { return }
    var arguments = kernels_max_pool_arguments(
      x: frame.pointer(input.buffer), channels: input.width, lines: size.height, columns: size.width, height: window.size.height,
      width: window.size.width, stride_height: window.stride.height, stride_width: window.stride.width, top: window.padding.top,
      left: window.padding.left, y: frame.pointer(output), windows: positions.width)
    let lines = frame.share(of: positions.height, thread: thread)
    frame.kernels.pointee.max_pool(&arguments, lines.lowerBound, lines.upperBound)
  }
}

extension Planner {
  mutating func planMaxPool(_ node: Node, _ window: Window) {
    guard let size = graph[node.inputs[0]].shape.imageSize, let positions = window.positions(over: size) else {
      preconditionFailure("the verifier knows the size of images")
    }
    let step = MaxPoolStep(
      input: rows(node.inputs[0]), output: buffer(node.output), window: window, size: size, positions: positions)
    emit(.maxPool(step), stream: step.input.stream, reads: [step.input.buffer], writes: [step.output])
  }
}
