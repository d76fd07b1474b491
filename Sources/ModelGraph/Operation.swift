/// What a node computes: a coarse set, an interpreter implements each case in a file of that name.
///
/// Activations are [batch, sequence, width] ("rows") unless a case says otherwise. In a float graph every tensor is float32;
/// in a quantised graph activations are int16 with one scale a tensor, matrices int8 with one scale a row, vectors float32.
package enum Operation: Hashable, Sendable {
  /// Token identifiers int32 [batch, sequence] → rows: table row of the token + table row of the position.
  /// Parameters: tokens [vocabulary, width], positions [longest sequence, width].
  case embedding
  /// x · weightᵀ + bias over the innermost dimension. Parameters: weight [outputs, inputs] and, unless absent, bias [outputs].
  case linear
  /// Elementwise.
  case activation(Activation)
  /// The sum of two tensors of one shape.
  case add
  /// Over the innermost dimension, then · gain + shift. Parameters: gain [width], shift [width]. (Ba, Kiros, Hinton 2016)
  case layerNorm(epsilon: Float)
  /// Multi-head scaled dot-product attention of query, key and value rows of one width. (Vaswani et al. 2017)
  case attention(heads: Int)
  /// The edge between two segments at which execution may split: each row passes through 8-bit codes, also in local execution.
  case boundary
  /// Rows → [batch, width].
  case pool(Pool)
  /// Scales each row of [batch, width] to length 1; the result is float32.
  case l2Normalize
}

/// Elementwise functions.
package enum Activation: String, Hashable, Sendable, CaseIterable {
  /// x · Φ(x), with the error function. (Hendrycks, Gimpel 2016)
  case gelu
}

/// How rows become one.
package enum Pool: String, Hashable, Sendable, CaseIterable {
  /// The mean over the sequence.
  case mean
}

extension Operation {
  /// The operation's name in bundles and reports.
  package var name: String {
    switch self {
    case .embedding: "embedding"
    case .linear: "linear"
    case .activation(let function): function.rawValue
    case .add: "add"
    case .layerNorm: "layer-norm"
    case .attention: "attention"
    case .boundary: "boundary"
    case .pool(let kind): kind.rawValue + "-pool"
    case .l2Normalize: "l2-normalize"
    }
  }
}
