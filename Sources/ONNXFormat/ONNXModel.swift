package import BundleFormat
package import ModelGraph
import ProtobufFormat

/// A bundle as a model of ONNX (opset 21), for other engines.
///
/// Inputs and outputs have the graph's names, shapes and layouts (images are [batch, height, width, channels]) and are real numbers,
/// tokens int32; `batch` and `sequence` are free, up to the longest text of the bundle, and all texts of a batch have one length: nothing
/// is masked. Inputs that are left out are absent, as in a request without them; outputs are those of both paths.
///
/// Between operations are the integers of the bundle's tensors, from QuantizeLinear to DequantizeLinear. Inside each is the arithmetic of
/// its kernel (`CKernels.h`), step by step: integer sums by MatMulInteger and ConvInteger, float32 in the kernel's order. So an engine
/// whose Add, Mul, Div, Sqrt and Round are those of IEEE 754 gives the bits of the runtime. Standard operators for norms, softmax and GELU
/// would not do: their results differ in the last place, rows of 8-bit codes make a whole code of that now and then, and each layer more
/// codes of one. Of experts all are computed and one is taken.
package struct ONNXModel: Sendable {
  /// The file.
  package let bytes: [UInt8]

  package static let opset = 21
  /// The version of the format that has this opset.
  private static let format = 10

  /// With all of the model's modalities, or those alone.
  package init(_ bundle: Bundle, only modalities: Set<Modality>? = nil) throws(ONNXError) {
    if let float = bundle.graph.floatTensor { throw .notQuantized(tensor: bundle.graph[float].name) }
    var writer = GraphWriter(bundle, present: try bundle.graph.inputs(of: modalities))
    writer.write()
    var model = ProtobufMessage()
    model.add(1, Self.format)
    model.add(2, "tributary")
    model.add(7, writer.onnx.message(named: bundle.name))
    model.add(8) { $0.add(2, Self.opset) }
    for (key, value) in bundle.properties {
      model.add(14) { property in
        property.add(1, key)
        property.add(2, value)
      }
    }
    guard model.bytes.count < 1 << 31 else { throw .tooLarge(bytes: model.bytes.count) }
    bytes = model.bytes
  }
}

extension Graph {
  /// A tensor that flows through the graph in float, but for those of length 1.
  fileprivate var floatTensor: TensorID? {
    let activations = inputs.filter { self[$0].dataType != .int32 } + nodes.filter { $0.operation != .l2Normalize }.map { $0.output }
    return activations.first { self[$0].quantization == .none }
  }

  /// The places of the inputs that take those modalities, a bit each.
  fileprivate func inputs(of modalities: Set<Modality>?) throws(ONNXError) -> UInt64 {
    guard let modalities else { return .max }
    var present: UInt64 = 0
    for modality in modalities.sorted(by: { $0.rawValue < $1.rawValue }) {
      guard let place = input(of: modality) else {
        throw .noModality(modality, known: Modality.allCases.filter { input(of: $0) != nil })
      }
      present |= 1 << UInt64(place)
    }
    return present
  }
}

extension Bundle {
  /// What whoever runs the model has to know of inputs and outputs, by the bundle's own keys.
  fileprivate var properties: [(key: String, value: String)] {
    var properties: [(String, String)] = []
    if let image {
      properties.append((ImageKeys.mean, image.mean.map { "\($0)" }.joined(separator: " ")))
      properties.append((ImageKeys.deviation, image.deviation.map { "\($0)" }.joined(separator: " ")))
    }
    if let sound {
      properties.append((SoundKeys.rate, "\(sound.rate)"))
      properties.append((SoundKeys.isNormalized, "\(sound.isNormalized)"))
    }
    if !labels.isEmpty { properties.append((BundleKeys.labels, labels.joined(separator: "\n"))) }
    return properties
  }
}
