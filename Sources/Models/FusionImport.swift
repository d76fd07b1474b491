import ModelGraph

extension HuggingFaceModel {
  /// A fusion of three streams of rows, which no other library knows: `config.json` has `model_type` "tributary-fusion", `width`, `layers`,
  /// `heads`, `inner`, `outputs`, and the rows of each stream as `image_rows`, `audio_rows` and `text_rows`; optionally `experts`,
  /// `epsilon`, and `local`, which has the `width`, `layers`, `heads` and `inner` of a local fusion. Tensors have the names of the graph's
  /// parameters.
  static func fusion(_ directory: ModelDirectory) throws(ImportError) -> HuggingFaceModel {
    let root = directory.configuration
    let epsilon = root["epsilon"].isAbsent ? 1e-5 : Float(try root["epsilon"].number(1e-30...0.5))
    let outputs = try root["outputs"].integer(1...65536)
    var configuration = try FusionConfiguration(root, outputs: outputs, epsilon: epsilon)
    if !root["experts"].isAbsent { configuration.experts = try root["experts"].integer(1...256) }
    let local = root["local"].isAbsent ? nil : try FusionConfiguration(root["local"], outputs: outputs, epsilon: epsilon)
    var builder = GraphBuilder()
    let tensors = fusionEncoder(
      into: &builder, configuration, local: local, image: try root["image_rows"].integer(1...65535),
      audio: try root["audio_rows"].integer(1...65535), text: .fixed(try root["text_rows"].integer(1...65535)))
    return try HuggingFaceModel(EncoderBuilder(builder), outputs: tensors, checkpoint: try directory.checkpoint())
  }
}

extension FusionConfiguration {
  /// The sizes that an object of the file has.
  fileprivate init(_ object: Field, outputs: Int, epsilon: Float) throws(ImportError) {
    let width = try object["width"].integer(1...16384)
    let heads = try object["heads"].integer(1...width)
    guard width % heads == 0 else { throw object["heads"].wrong("a divisor of width \(width)") }
    self.init(
      width: width, layers: try object["layers"].integer(1...256), heads: heads, inner: try object["inner"].integer(1...65536),
      outputs: outputs, epsilon: epsilon)
  }
}
