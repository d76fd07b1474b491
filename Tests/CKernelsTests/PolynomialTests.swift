import Foundation
import Testing

/// The polynomials keep the errors that the header promises.
@Suite struct PolynomialTests {
  @Test func geluIsCloseToItsDefinition() {
    var worst = 0.0
    for step in -600_000...600_000 {
      let x = Float(step) * 1e-5
      worst = max(worst, abs(Double(gelu(x)) - Double(x) * erfc(-Double(x) / 2.0.squareRoot()) / 2))
    }
    #expect(worst < 1.4e-5)
  }

  @Test func geluIsExactPastItsBound() {
    for x in [4.75, 5, 100, 1e10, 1e30] as [Float] {
      #expect(gelu(x) == x)
      #expect(gelu(-x) == 0)
    }
    #expect(gelu(0) == 0)
  }

  @Test func exponentialIsCloseToItsDefinition() {
    var worst = 0.0
    for step in 0...3_000_000 {
      let t = Float(step) * -1e-5
      worst = max(worst, abs(Double(exponential2(t)) / exp2(Double(t)) - 1))
    }
    #expect(worst < 3e-7)
    #expect(exponential2(0) == 1)
    #expect(exponential2(-30) == 0x1p-30)
  }
}
