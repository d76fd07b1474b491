import Glibc

/// x · Φ(x) with the error function. (Hendrycks, Gimpel 2016)
struct Gelu {
  func forward(_ x: Matrix) -> Matrix { x.map { 0.5 * $0 * (1 + erff($0 * Float(0.5).squareRoot())) } }
}
