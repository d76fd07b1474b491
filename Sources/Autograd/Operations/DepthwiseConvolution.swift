import CFloatKernels
import ModelGraph

/// A convolution of each channel by itself. Parameters: weight [channels, height, width, 1] and perhaps bias [channels].
struct DepthwiseConvolution: TapeOperation {
  let windows: Windows
  let hasBias: Bool

  private var taps: Int { windows.window.size.height * windows.window.size.width }

  var backwardReads: BackwardReads { .inputs }

  func layout(_ inputs: [RowLayout]) -> RowLayout? { inputs[0].present(windows.count) }

  func forward(_ pass: Pass) {
    let kernel = tapsFirst(pass.parameters[0])
    var shape = shape
    forEachImage(pass) { x, y in
      f32_depthwise(pass.output.row(y), pass.inputs[0].row(x), kernel, hasBias ? pass.parameters[1] : nil, &shape)
    }
  }

  func backward(_ pass: Pass, _ gradients: Gradients) {
    let dy = gradients.output
    var shape = shape
    if let dx = gradients.inputs[0] {
      let kernel = tapsFirst(pass.parameters[0])
      forEachImage(pass) { x, y in
        if dx.keep == 0 { dx.rows.row(x).update(repeating: 0, count: windows.size.height * windows.size.width * windows.channels) }
        f32_depthwise_input_gradient(dx.rows.row(x), dy.row(y), kernel, &shape)
      }
    }
    if let weight = gradients.parameters[0] { addWeightGradient(pass, dy, weight) }
    guard hasBias, let bias = gradients.parameters[1] else { return }
    f32_add_column_sums(bias, dy.start, dy.rows, dy.columns, dy.columns)
  }

  private func addWeightGradient(_ pass: Pass, _ dy: Rows, _ weight: UnsafeMutablePointer<Float>) {
    let layout = pass.inputs[0].layout
    var sums = [Float](repeating: 0, count: taps * windows.channels)
    pass.workers.sum(layout.examples, count: sums.count, of: 0, into: &sums) { _, part, sums in
      var shape = shape
      for example in part where !layout[example].isEmpty {
        f32_depthwise_kernel_gradient(
          sums, dy.row(dy.layout[example].lowerBound), pass.inputs[0].row(layout[example].lowerBound), &shape)
      }
    }
    for channel in 0..<windows.channels {
      for tap in 0..<taps { weight[channel * taps + tap] += sums[tap * windows.channels + channel] }
    }
  }

  /// [channels, taps] → [taps, channels]
  private func tapsFirst(_ weight: UnsafePointer<Float>) -> [Float] {
    (0..<taps).flatMap { tap in (0..<windows.channels).map { weight[$0 * taps + tap] } }
  }

  /// Calls `body` with the first row of each image and of its result.
  private func forEachImage(_ pass: Pass, _ body: (_ x: Int, _ y: Int) -> Void) {
    let layout = pass.inputs[0].layout
    pass.workers.share(layout.examples) { _, part in
      for example in part where !layout[example].isEmpty { body(layout[example].lowerBound, pass.output.layout[example].lowerBound) }
    }
  }

  private var shape: f32_depthwise_shape {
    let window = windows.window
    return f32_depthwise_shape(
      height: Int32(windows.size.height), width: Int32(windows.size.width), out_height: Int32(windows.positions.height),
      out_width: Int32(windows.positions.width), window_height: Int32(window.size.height), window_width: Int32(window.size.width),
      stride_height: Int32(window.stride.height), stride_width: Int32(window.stride.width), top: Int32(window.padding.top),
      left: Int32(window.padding.left), channels: Int32(windows.channels))
  }
}
