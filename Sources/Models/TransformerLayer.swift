import ModelGraph

/// What all layers of a transformer have in common.
struct TransformerStyle: Hashable {
  let heads: Int
  /// Nil where the heads have the rows' width together.
  var headWidth: Int?
  /// The width between the two products of the feed-forward part.
  let inner: Int
  /// Of the layer norms.
  let epsilon: Float
  var activation = Activation.gelu
  /// Whether the norms stand before attention and feed-forward part, or after their sums.
  let isNormFirst: Bool
  var isCausal = false
  /// Feed-forward parts of which each row takes one.
  var experts = 1
}

/// The stems of a layer's parameters in a checkpoint.
struct TransformerNames: Hashable {
  enum Projections: Hashable {
    case separate(query: String, key: String, value: String)
    /// One matrix with the rows of query, key and value.
    case fused(String)
  }

  let projections: Projections
  let output: String
  let attentionNorm: String
  let up: String
  let down: String
  let norm: String
  /// The stem of what chooses among experts.
  var router = ""
}

extension EncoderBuilder {
  /// A transformer layer over rows: attention and feed-forward part, each with a sum and a layer norm.
  /// (Vaswani et al. 2017; norms first: Xiong et al. 2020)
  mutating func transformerLayer(
    _ segment: String, _ names: TransformerNames, _ style: TransformerStyle, _ input: TensorID
  ) -> TensorID {
    guard style.isNormFirst else { return normLastLayer(segment, names, style, input) }
    let normal = layerNorm("\(segment).attention-norm", names.attentionNorm, input, epsilon: style.epsilon)
    let attended = attention(segment, names, style, queries: normal, keys: normal)
    let state = node("\(segment).attention-sum", .add, input, attended)
    let inner = layerNorm("\(segment).norm", names.norm, state, epsilon: style.epsilon)
    return node("\(segment).sum", .add, state, feedForward(segment, names, style, inner))
  }

  private mutating func normLastLayer(
    _ segment: String, _ names: TransformerNames, _ style: TransformerStyle, _ input: TensorID
  ) -> TensorID {
    let attended = attention(segment, names, style, queries: input, keys: input)
    let sum = node("\(segment).attention-sum", .add, input, attended)
    let state = layerNorm("\(segment).attention-norm", names.attentionNorm, sum, epsilon: style.epsilon)
    let total = node("\(segment).sum", .add, state, feedForward(segment, names, style, state))
    return layerNorm("\(segment).norm", names.norm, total, epsilon: style.epsilon)
  }

  /// Attention of rows over rows of the same width, with its four matrices.
  mutating func attention(
    _ name: String, _ names: TransformerNames, _ style: TransformerStyle, queries: TensorID, keys: TensorID
  ) -> TensorID {
    let (query, key, value) = projections(name, names.projections, style, queries: queries, keys: keys)
    let mixed = node("\(name).attention", .attention(heads: style.heads, causal: style.isCausal), query, key, value)
    return linear("\(name).attention-output", names.output, mixed, outputs: width(queries))
  }

  private mutating func projections(
    _ name: String, _ names: TransformerNames.Projections, _ style: TransformerStyle, queries: TensorID, keys: TensorID
  ) -> (TensorID, TensorID, TensorID) {
    let outputs = style.headWidth.map { $0 * style.heads } ?? width(queries)
    switch names {
    case .separate(let query, let key, let value):
      return (
        linear("\(name).query", query, queries, outputs: outputs), linear("\(name).key", key, keys, outputs: outputs),
        linear("\(name).value", value, keys, outputs: outputs)
      )
    case .fused(let stem):
      return (
        linear("\(name).query", stem, queries, outputs: outputs, part: 0), linear("\(name).key", stem, keys, outputs: outputs, part: 1),
        linear("\(name).value", stem, keys, outputs: outputs, part: 2)
      )
    }
  }

  mutating func feedForward(
    _ segment: String, _ names: TransformerNames, _ style: TransformerStyle, _ input: TensorID
  ) -> TensorID {
    guard style.experts == 1 else { return expertFeedForward(segment, names, style, input) }
    let wide = linear("\(segment).intermediate", names.up, input, outputs: style.inner)
    let active = node("\(segment).\(style.activation.rawValue)", .activation(style.activation), wide)
    return linear("\(segment).output", names.down, active, outputs: width(input))
  }

  /// The same by the expert of each row, times its probability. (Fedus, Zoph, Shazeer 2021)
  private mutating func expertFeedForward(
    _ segment: String, _ names: TransformerNames, _ style: TransformerStyle, _ input: TensorID
  ) -> TensorID {
    let router = linear("\(segment).router", names.router, input, outputs: style.experts, hasBias: false)
    let wide = expertLinear("\(segment).intermediate", names.up, input, router, outputs: style.inner)
    let active = node("\(segment).\(style.activation.rawValue)", .activation(style.activation), wide)
    let narrow = expertLinear("\(segment).output", names.down, active, router, outputs: width(input))
    return node("\(segment).gate", .expertGate, narrow, router)
  }

  /// The experts' matrices lie one after the other in one.
  private mutating func expertLinear(
    _ name: String, _ stem: String, _ input: TensorID, _ router: TensorID, outputs: Int
  ) -> TensorID {
    let count = width(router)
    let parameters = [
      parameter("\(stem).weight", [count * outputs, width(input)]), parameter("\(stem).bias", [count * outputs]),
    ]
    return node(
      name, .expertLinear(experts: count), input, router, parameters: parameters, shape: shape(input).withWidth(outputs))
  }
}
