import CFloatKernels
import Glibc

/// x + tanh(gate) · y. Parameter: gate [1]. (Alayrac et al. 2022)
struct GatedAdd: TapeOperation {
  private static let grain = 4096

  var backwardReads: BackwardReads { .inputs }

  func forward(_ pass: Pass) {
    let factor = tanhf(pass.parameters[0][0])
    let (x, y) = (pass.inputs[0].start, pass.inputs[1].start)
    pass.workers.share(pass.output.count, grain: Self.grain) { _, part in
      let start = part.lowerBound
      f32_scale(pass.output.start + start, x + start, 1, 0, part.count)
      f32_scale(pass.output.start + start, y + start, factor, 1, part.count)
    }
  }

  func backward(_ pass: Pass, _ gradients: Gradients) {
    let factor = tanhf(pass.parameters[0][0])
    gradients.inputs[0]?.give(gradients.output, pass.workers)
    gradients.inputs[1]?.give(gradients.output, factor: factor, pass.workers)
    guard let gate = gradients.parameters[0] else { return }
    var sum = 0.0
    pass.workers.sum(pass.output.count, count: 1, of: 0, grain: Self.grain, into: &sum) { _, part, sum in
      sum[0] += f32_dot(gradients.output.start + part.lowerBound, pass.inputs[1].start + part.lowerBound, part.count)
    }
    gate[0] += Float(sum) * (1 - factor * factor)
  }
}
