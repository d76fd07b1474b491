/// Each row divided by its length; rows of zeros stay.
struct L2Normalize {
  func forward(_ x: Matrix) -> Matrix {
    x.mapRows { row in
      let length = row.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      return row.map { length > 0 ? Float(Double($0) / length) : 0 }
    }
  }
}
