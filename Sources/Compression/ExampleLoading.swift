package import Autograd
package import Inference
import ModelGraph

extension Session {
  /// Brings an example's inputs.
  package func load(_ example: Example) throws(InferenceError) {
    try begin(sequence: example.tokens?.count ?? 1)
    for (index, id) in model.graph.inputs.enumerated() {
      if model.graph[id].dataType == .int32, let tokens = example.tokens { try load(tokens: tokens.span, input: index) }
      if let values = example.values[id] { try load(values: values.span, input: index) }
    }
  }
}
