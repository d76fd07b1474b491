import JSONFormat
import ModelGraph

// Fields that the configurations of several transformers share.
extension Field {
  /// The width of rows and the number of heads.
  func attentionSizes() throws(ImportError) -> (hidden: Int, heads: Int) {
    let hidden = try self["hidden_size"].integer(1...16384)
    let heads = try self["num_attention_heads"].integer(1...hidden)
    guard hidden % heads == 0 else { throw self["num_attention_heads"].wrong("a divisor of hidden_size \(hidden)") }
    return (hidden, heads)
  }

  /// An activation of those that the graph has.
  func activation(default value: String) throws(ImportError) -> Activation {
    switch isAbsent ? value : try string() {
    case "gelu": return .gelu
    case "quick_gelu": return .quickGelu
    case "relu": return .relu
    case "relu6": return .relu6
    default: throw wrong("one of gelu, quick_gelu, relu and relu6")
    }
  }

  /// A square image: its edge, also given as two equal numbers.
  func edge(_ range: ClosedRange<Int>) throws(ImportError) -> Int {
    guard case .array? = value else { return try integer(range) }
    let edges = try integers(range, atMost: 2)
    guard edges.count == 2, edges[0] == edges[1] else { throw wrong("one number or two equal ones") }
    return edges[0]
  }
}
