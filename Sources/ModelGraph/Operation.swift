/// What a node computes: a coarse set, an interpreter implements each case in a file of that name.
///
/// Activations are [batch, positions, width] ("rows"), images [batch, height, width, channels]; both are rows of channels in memory. In a
/// float graph every tensor is float32. In a quantised graph activations are int16 with one scale a tensor, or where only convolutions
/// read them uint8 with a scale and a zero point; matrices are int8 with one scale an output, vectors float32.
///
/// A request may leave a modality out: what depends on it alone has no rows then.
package enum Operation: Hashable, Sendable {
  /// Token identifiers int32 [batch, sequence] → rows: table row of the token + table row of the position.
  /// Parameters: tokens [vocabulary, width], positions [longest sequence, width].
  case embedding
  /// Rows → `prefix` more rows: the first `prefix` rows of the table (a class token with its position), then row i + row prefix + i of
  /// the table. Parameter: table [at least all rows, width].
  case positions(prefix: Int)
  /// x · weightᵀ + bias over the innermost dimension. Parameters: weight [outputs, inputs] and, unless absent, bias [outputs].
  case linear
  /// Over an image or a signal. Parameters: weight [outputs, height, width, inputs / groups] and, unless absent, bias [outputs].
  case convolution(Convolution)
  /// Elementwise.
  case activation(Activation)
  /// The sum of two tensors of one shape.
  case add
  /// x + tanh(gate) · y. Parameter: gate [1]. (Alayrac et al. 2022, Flamingo)
  case gatedAdd
  /// Over the innermost dimension, then · gain + shift. Parameters: gain [width], shift [width]. (Ba, Kiros, Hinton 2016)
  case layerNorm(epsilon: Float)
  /// Each channel over all positions, then · gain + shift: group norm with as many groups as channels. Parameters: gain [width],
  /// shift [width]. (Wu, He 2018)
  case channelNorm(epsilon: Float)
  /// Multi-head scaled dot-product attention of query rows over key and value rows, all of one width. Keys may be rows of another stream.
  /// Causal: row i sees keys up to i. (Vaswani et al. 2017)
  case attention(heads: Int, causal: Bool = false)
  /// Mixture of experts, top 1: each row through the product of its own expert, the one with the largest logit (the first of equals).
  /// Inputs: rows, and the router's logits for them [batch, positions, experts].
  /// Parameters: weight [experts · outputs, width], bias [experts · outputs]. (Fedus, Zoph, Shazeer 2021, Switch)
  case expertLinear(experts: Int)
  /// Each row · the probability of its expert, from the softmax of the router's logits. Inputs: rows, logits.
  case expertGate
  /// The rows of all inputs, one after the other.
  case concatenate
  /// An image → its positions as rows.
  case flatten
  /// The edge between two segments at which execution may split: each row passes through 8-bit codes, also in local execution.
  case boundary
  /// 8-bit codes with one scale and zero point a tensor, for the convolutions that read them.
  case quantize
  /// Rows or an image → [batch, width].
  case pool(Pool)
  /// The largest of each channel in a window over an image.
  case maxPool(Window)
  /// Scales each row of [batch, width] to length 1; the result is float32.
  case l2Normalize
}

/// Elementwise functions.
package enum Activation: String, Hashable, Sendable, CaseIterable {
  /// x · Φ(x), with the error function. (Hendrycks, Gimpel 2016)
  case gelu
  /// x · σ(1.702 x). (Hendrycks, Gimpel 2016)
  case quickGelu = "quick-gelu"
  /// max(x, 0)
  case relu
  /// min(max(x, 0), 6)
  case relu6
}

/// How rows become one.
package enum Pool: String, Hashable, Sendable, CaseIterable {
  /// The mean over the positions.
  case mean
  /// The first row: a class token.
  case first
  /// The last row: an end token.
  case last
}

extension Operation {
  /// The operation's name in bundles and reports.
  package var name: String {
    switch self {
    case .embedding: "embedding"
    case .positions: "positions"
    case .linear: "linear"
    case .convolution: "convolution"
    case .activation(let function): function.rawValue
    case .add: "add"
    case .gatedAdd: "gated-add"
    case .layerNorm: "layer-norm"
    case .channelNorm: "channel-norm"
    case .attention: "attention"
    case .expertLinear: "expert-linear"
    case .expertGate: "expert-gate"
    case .concatenate: "concatenate"
    case .flatten: "flatten"
    case .boundary: "boundary"
    case .quantize: "quantize"
    case .pool(let kind): kind.rawValue + "-pool"
    case .maxPool: "max-pool"
    case .l2Normalize: "l2-normalize"
    }
  }
}
