import ModelGraph

/// The largest of each channel in a window over an image.
struct MaxPool {
  let window: Window
  let size: Window.Size

  func forward(_ x: Matrix) -> Matrix {
    guard x.rows > 0, let positions = window.positions(over: size) else { return Matrix(rows: 0, columns: x.columns) }
    let taps = window.size.height * window.size.width
    var result = Matrix(
      rows: positions.height * positions.width, columns: x.columns,
      values: Array(repeating: -.infinity, count: positions.height * positions.width * x.columns))
    var tapNumber = 0
    window.forEachTap(over: size, positions: positions) { tap in
      if let tap {
        let start = tapNumber / taps * x.columns
        for column in 0..<x.columns {
          result.values[start + column] = max(result.values[start + column], x.values[tap * x.columns + column])
        }
      }
      tapNumber += 1
    }
    return result
  }
}
