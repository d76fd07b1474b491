/// Numbers in −1...1 by the formula of tools/oracles/tiny_model.py: what the originals of the tiny models were given.
package func oracleNumbers(_ count: Int) -> [Float] {
  (0..<count).map { index in
    let step = (index * index * 31 + index * 7919) % 2003
    return Float(Double(step) / 1001.5 - 1)
  }
}
