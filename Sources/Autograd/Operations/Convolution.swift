import ModelGraph

/// A convolution as matrix products: a group's windows as rows, times its weights.
struct ImageConvolution {
  let convolution: Convolution
  /// Of the input.
  let size: Window.Size
  /// One row an output: [outputs, height · width · inputs / groups].
  let weight: Matrix
  /// One row.
  let bias: Matrix?

  /// Rows are the positions of the image, line by line.
  func forward(_ x: Matrix) -> Matrix {
    guard x.rows > 0, let positions = convolution.window.positions(over: size) else { return Matrix(rows: 0, columns: weight.rows) }
    let channels = x.columns / convolution.groups
    let outputs = weight.rows / convolution.groups
    var result = Matrix(rows: positions.height * positions.width, columns: weight.rows)
    for group in 0..<convolution.groups {
      let windows = windows(of: x, columns: group * channels..<(group + 1) * channels, positions: positions)
      let length = outputs * weight.columns
      let own = Matrix(rows: outputs, columns: weight.columns, values: Array(weight.values[group * length..<(group + 1) * length]))
      let product = MatrixProduct.timesTransposed(Block(windows), Block(own))
      result.replaceColumns(from: group * outputs, with: product)
    }
    return bias.map { result.addingToRows($0) } ?? result
  }

  /// Each window of those columns as a row: [positions, height · width · columns], zeros beyond the edge.
  private func windows(of x: Matrix, columns: Range<Int>, positions: Window.Size) -> Matrix {
    let window = convolution.window
    var windows = Matrix(rows: positions.height * positions.width, columns: window.size.height * window.size.width * columns.count)
    x.values.withUnsafeBufferPointer { source in
      windows.values.withUnsafeMutableBufferPointer { target in
        var place = 0
        window.forEachTap(over: size, positions: positions) { tap in
          if let tap {
            let start = tap * x.columns + columns.lowerBound
            for column in 0..<columns.count { target[place + column] = source[start + column] }
          }
          place += columns.count
        }
      }
    }
    return windows
  }
}

extension Window {
  /// Calls `body` with the position in the image of each tap of each window, in order; nil beyond the edge.
  func forEachTap(over image: Size, positions: Size, _ body: (Int?) -> Void) {
    for y in 0..<positions.height {
      for x in 0..<positions.width {
        for tapY in 0..<size.height {
          for tapX in 0..<size.width {
            let line = y * stride.height + tapY - padding.top
            let column = x * stride.width + tapX - padding.left
            let isInside = (0..<image.height).contains(line) && (0..<image.width).contains(column)
            body(isInside ? line * image.width + column : nil)
          }
        }
      }
    }
  }
}

extension Matrix {
  /// Takes the columns of a narrower matrix with as many rows.
  mutating func replaceColumns(from first: Int, with other: Matrix) {
    if other.columns == columns { return values = other.values }
    for row in 0..<rows {
      for column in 0..<other.columns { values[row * columns + first + column] = other.values[row * other.columns + column] }
    }
  }

  /// The sum with one row, in each row.
  func addingToRows(_ row: Matrix) -> Matrix { mapRows { zip($0, row.values).map { $0 + $1 } } }
}
