import ModelGraph

extension HuggingFaceModel {
  /// A fusion of three streams of rows, which no other library knows: `config.json` has `model_type` "tributary-fusion", `width`, `layers`,
  /// `heads`, `inner`, `outputs`, and the rows of each stream as `image_rows`, `audio_rows` and `text_rows`; optionally `experts` and
  /// `epsilon`. Tensors have the names of the graph's parameters.
  static func fusion(_ directory: ModelDirectory) throws(ImportError) -> HuggingFaceModel {
    let root = directory.configuration
    let width = try root["width"].integer(1...16384)
    let heads = try root["heads"].integer(1...width)
    guard width % heads == 0 else { throw root["heads"].wrong("a divisor of width \(width)") }
    let configuration = FusionConfiguration(
      width: width, layers: try root["layers"].integer(1...256), heads: heads, inner: try root["inner"].integer(1...65536),
      outputs: try root["outputs"].integer(1...65536), experts: root["experts"].isAbsent ? 1 : try root["experts"].integer(1...256),
      epsilon: root["epsilon"].isAbsent ? 1e-5 : Float(try root["epsilon"].number(1e-30...0.5)))
    var builder = GraphBuilder()
    let output = fusionEncoder(
      into: &builder, configuration, image: try root["image_rows"].integer(1...65535), audio: try root["audio_rows"].integer(1...65535),
      text: .fixed(try root["text_rows"].integer(1...65535)))
    return try HuggingFaceModel(EncoderBuilder(builder), outputs: [output], checkpoint: try directory.checkpoint())
  }
}
