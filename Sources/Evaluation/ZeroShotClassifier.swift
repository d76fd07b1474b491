package import Autograd

/// Classes as directions, made of the embeddings of prompts: "a photo of a cat", "a drawing of a cat". (Radford et al. 2021)
package struct ZeroShotClassifier: Sendable {
  /// A row of length 1 for each class.
  package let classes: Matrix

  /// From each class's prompts, one or more rows: each brought to length 1, their mean brought to length 1 again.
  package init(prompts: [Matrix]) {
    let columns = prompts.first?.columns ?? 0
    precondition(prompts.allSatisfy { $0.columns == columns && $0.rows > 0 }, "every class needs prompts of one width")
    let rows = prompts.flatMap { prompt in
      var sum = [Double](repeating: 0, count: columns)
      for row in 0..<prompt.rows {
        for (column, value) in Self.unit(prompt[row: row].map(Double.init)).enumerated() { sum[column] += value }
      }
      return Self.unit(sum).map(Float.init)
    }
    classes = Matrix(rows: prompts.count, columns: columns, values: rows)
  }

  /// The similarity of each embedding to each class: logits, but for a scale.
  package func scores(of embeddings: Matrix) -> Matrix { embeddings.products(of: 0..<embeddings.rows, with: classes) }

  private static func unit(_ row: [Double]) -> [Double] {
    let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? row.map { $0 / length } : row
  }
}
