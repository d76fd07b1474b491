package import Autograd
package import ModelGraph

/// Where a graph takes each modality.
package struct ExampleInputs: Hashable, Sendable {
  package let image: TensorID?
  package let sound: TensorID?
  package let takesText: Bool

  package init(_ graph: Graph) {
    image = graph.input(of: .image).map { graph.inputs[$0] }
    sound = graph.input(of: .sound).map { graph.inputs[$0] }
    takesText = graph.input(of: .text) != nil
  }

  /// An example with those of a sample's inputs that the graph takes and `modalities` have.
  package func example(_ sample: PreparedSample, _ modalities: Set<Modality> = Set(Modality.allCases)) -> Example {
    var example = Example()
    if let image, modalities.contains(.image) { example.values[image] = sample.pixels }
    if let sound, modalities.contains(.sound) { example.values[sound] = sample.samples }
    if takesText, modalities.contains(.text) { example.tokens = sample.tokens }
    return example
  }
}
