import CFloatKernels
import ModelGraph

/// An elementwise function.
struct ElementwiseActivation: TapeOperation {
  let function: Activation

  private static let grain = 4096

  var backwardReads: BackwardReads {
    switch function {
    case .gelu, .quickGelu: .inputs
    case .relu, .relu6: .output
    }
  }

  func forward(_ pass: Pass) {
    pass.workers.share(pass.output.count, grain: Self.grain) { _, part in
      let (x, y) = (pass.inputs[0].start + part.lowerBound, pass.output.start + part.lowerBound)
      switch function {
      case .gelu: f32_gelu(y, x, part.count)
      case .quickGelu: f32_quick_gelu(y, x, part.count)
      case .relu: f32_clamp(y, x, .infinity, part.count)
      case .relu6: f32_clamp(y, x, 6, part.count)
      }
    }
  }

  func backward(_ pass: Pass, _ gradients: Gradients) {
    guard let target = gradients.inputs[0] else { return }
    pass.workers.share(pass.output.count, grain: Self.grain) { _, part in
      let (x, y) = (pass.inputs[0].start + part.lowerBound, pass.output.start + part.lowerBound)
      let (dx, dy) = (target.rows.start + part.lowerBound, gradients.output.start + part.lowerBound)
      switch function {
      case .gelu: f32_gelu_gradient(dx, dy, x, target.keep, part.count)
      case .quickGelu: f32_quick_gelu_gradient(dx, dy, x, target.keep, part.count)
      case .relu: f32_clamp_gradient(dx, dy, y, .infinity, target.keep, part.count)
      case .relu6: f32_clamp_gradient(dx, dy, y, 6, target.keep, part.count)
      }
    }
  }
}
