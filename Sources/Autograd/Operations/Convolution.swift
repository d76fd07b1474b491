import CFloatKernels
import ModelGraph

/// A convolution as matrix products: a group's windows as rows, times its weights.
/// Parameters: weight [outputs, height, width, inputs / groups] and perhaps bias [outputs].
struct ImageConvolution: TapeOperation {
  let windows: Windows
  let groups: Int
  let outputs: Int
  let hasBias: Bool

  /// Elements of the windows that are unrolled at once: what a cache holds.
  private static let unrolled = 1 << 16

  private var groupOutputs: Int { outputs / groups }

  var backwardReads: BackwardReads { .inputs }

  func layout(_ inputs: [RowLayout]) -> RowLayout? { inputs[0].present(windows.count) }

  func forward(_ pass: Pass) {
    forEachBlock(pass, pass.inputs[0].layout) { thread, image, result in
      let unrolled = windows.scratch(pass.workers, thread, count: result.count)
      if hasBias { f32_fill_rows(pass.output.row(result.rows.lowerBound), pass.parameters[1], result.count, outputs) }
      for group in 0..<groups {
        windows.gather(pass.inputs[0].row(image), group: group, positions: result.positions, into: unrolled)
        MatrixProduct.timesTransposed(
          unrolled, weight(pass.parameters[0], group), into: pass.output.block(result.rows, columns: columns(group)),
          keep: hasBias ? 1 : 0)
      }
    }
  }

  func backward(_ pass: Pass, _ gradients: Gradients) {
    if let dx = gradients.inputs[0] { giveInputGradient(pass, gradients.output, dx) }
    if let weight = gradients.parameters[0] { addWeightGradient(pass, gradients.output, weight) }
    guard hasBias, let bias = gradients.parameters[1] else { return }
    f32_add_column_sums(bias, gradients.output.start, gradients.output.rows, outputs, outputs)
  }

  private func giveInputGradient(_ pass: Pass, _ dy: Rows, _ dx: InputGradient) {
    if dx.keep == 0 {
      pass.workers.share(dx.rows.count) { _, part in (dx.rows.start + part.lowerBound).update(repeating: 0, count: part.count) }
    }
    forEachBlock(pass, dx.rows.layout) { thread, image, result in
      let unrolled = windows.scratch(pass.workers, thread, count: result.count)
      for group in 0..<groups {
        MatrixProduct.times(dy.block(result.rows, columns: columns(group)), weight(pass.parameters[0], group), into: unrolled)
        windows.scatter(unrolled, group: group, positions: result.positions, to: dx.rows.row(image))
      }
    }
  }

  private func addWeightGradient(_ pass: Pass, _ dy: Rows, _ gradient: UnsafeMutablePointer<Float>) {
    let layout = pass.inputs[0].layout
    pass.workers.sum(layout.examples, count: outputs * windows.length, of: 0, into: gradient) { thread, part, sums in
      for example in part where !layout[example].isEmpty {
        forEachBlock(of: example, layout, pass.output.layout) { image, result in
          let unrolled = windows.scratch(pass.workers, thread, count: result.count)
          for group in 0..<groups {
            windows.gather(pass.inputs[0].row(image), group: group, positions: result.positions, into: unrolled)
            MatrixProduct.transposedTimes(
              dy.block(result.rows, columns: columns(group)), unrolled, into: weight(sums, group), keep: 1)
          }
        }
      }
    }
  }

  private func columns(_ group: Int) -> Range<Int> { group * groupOutputs..<(group + 1) * groupOutputs }

  private func weight(_ start: UnsafeMutablePointer<Float>, _ group: Int) -> Block {
    Block(start + group * groupOutputs * windows.length, rows: groupOutputs, columns: windows.length)
  }

  /// Some positions of the result for one image.
  private struct Result {
    let positions: Range<Int>
    /// Of the whole batch.
    let rows: Range<Int>

    var count: Int { positions.count }
  }

  private func forEachBlock(_ pass: Pass, _ layout: RowLayout, _ body: (_ thread: Int, _ image: Int, Result) -> Void) {
    pass.workers.share(layout.examples) { thread, part in
      for example in part where !layout[example].isEmpty {
        forEachBlock(of: example, layout, pass.output.layout) { body(thread, $0, $1) }
      }
    }
  }

  private func forEachBlock(of example: Int, _ x: RowLayout, _ y: RowLayout, _ body: (_ image: Int, Result) -> Void) {
    let length = max(Self.unrolled / windows.length, 16)
    let first = y[example].lowerBound
    for start in stride(from: 0, to: windows.count, by: length) {
      let positions = start..<min(start + length, windows.count)
      body(x[example].lowerBound, Result(positions: positions, rows: first + start..<first + positions.upperBound))
    }
  }
}
