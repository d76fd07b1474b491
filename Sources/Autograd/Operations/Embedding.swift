/// Row of the token + row of the position.
struct Embedding {
  let tokens: Matrix
  let positions: Matrix

  func forward(_ identifiers: [Int32]) throws(InterpreterError) -> Matrix {
    var values: [Float] = []
    values.reserveCapacity(identifiers.count * tokens.columns)
    for (position, identifier) in identifiers.enumerated() {
      guard (0..<tokens.rows).contains(Int(identifier)) else { throw .badToken(identifier, vocabulary: tokens.rows) }
      values += zip(tokens[row: Int(identifier)], positions[row: position]).map { $0 + $1 }
    }
    return Matrix(rows: identifiers.count, columns: tokens.columns, values: values)
  }
}
