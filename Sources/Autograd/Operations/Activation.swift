import Glibc
import ModelGraph

extension Activation {
  /// Elementwise.
  func forward(_ x: Matrix) -> Matrix {
    switch self {
    case .gelu: x.map { 0.5 * $0 * (1 + erff($0 * Float(0.5).squareRoot())) }
    case .quickGelu: x.map { $0 / (1 + expf(-1.702 * $0)) }
    case .relu: x.map { max($0, 0) }
    case .relu6: x.map { min(max($0, 0), 6) }
    }
  }
}
