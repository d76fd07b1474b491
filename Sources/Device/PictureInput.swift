import BundleFormat
import Inference
import ModelGraph
import Preprocessing

/// Turns pictures into a model's 8-bit codes: resized as the bundle says, then through a table for each colour.
struct PictureInput {
  /// The place in `Graph.inputs`.
  let input: Int
  private let options: ImageOptions
  /// [3][256]
  private let codes: [UInt8]

  init(_ image: ImageInput, input: Int, scale: Float, zero: Int) throws(MediaError) {
    options = try ImageOptions(
      width: image.width, height: image.height, shortestEdge: image.shortestEdge, isBicubic: image.filter == .bicubic, mean: image.mean,
      deviation: image.deviation)
    self.input = input
    var codes: [UInt8] = []
    for colour in 0..<3 {
      for pixel in 0..<256 {
        let real = Float(pixel) * options.scale[colour] + options.offset[colour]
        codes.append(UInt8(max(0, min(255, (real / scale).roundedHalfEven + zero))))
      }
    }
    self.codes = codes
  }

  func load(_ picture: RGBImage, into session: Session) throws(DeviceError) {
    let prepared: RGBImage
    do throws(MediaError) { prepared = try options.prepare(picture) } catch { throw .media(path: "picture", error) }
    var colour = 0
    var image = prepared.pixels
    for index in image.indices {
      image[index] = codes[colour << 8 | Int(image[index])]
      colour = colour == 2 ? 0 : colour + 1
    }
    do throws(InferenceError) { try session.load(codes: image.span, input: input) } catch { throw .inference(error) }
  }
}

extension Float {
  /// The nearest whole number, half to even, within ±2^22.
  fileprivate var roundedHalfEven: Int {
    let magic: Float = 0x1.8p23
    let bounded = self > -0x1p22 ? Swift.min(self, 0x1p22) : -0x1p22
    return Int((bounded + magic) - magic)
  }
}
