import BundleFormat
import JSONFormat

/// Reads how pictures are prepared: from `preprocessor_config.json`, or the `pretrained_cfg` of timm's `config.json`.
struct ImageFiles {
  private static let edges = 1...ImageInput.largestEdge

  let directory: ModelDirectory

  /// `edge` is the size of the model's pictures, where its `config.json` tells.
  func read(edge: Int? = nil) throws(ImportError) -> ImageInput {
    let root = try ModelFile.json(directory.path + "/preprocessor_config.json")
    try root["do_resize"].expect(.boolean(true))
    try root["do_rescale"].expect(.boolean(true))
    if !root["rescale_factor"].isAbsent { _ = try root["rescale_factor"].number(0.003921...0.003922) }
    let (size, resize) = try cut(root)
    guard size.height == edge ?? size.height, size.width == edge ?? size.width else {
      throw root[root["crop_size"].isAbsent ? "size" : "crop_size"].wrong("\(edge ?? 0) as image_size in config.json")
    }
    let isNormalized = try root["do_normalize"].boolean(default: true)
    return ImageInput(
      height: size.height, width: size.width, resize: resize, filter: try filter(root["resample"]),
      mean: isNormalized ? try numbers(root["image_mean"], -100...100) : [0, 0, 0],
      deviation: isNormalized ? try numbers(root["image_std"], 1e-6...100) : [1, 1, 1])
  }

  private typealias Size = (height: Int, width: Int)

  /// The size of the result, and the resize before it is cut out.
  private func cut(_ root: Field) throws(ImportError) -> (Size, ImageInput.Resize) {
    if !root["crop_pct"].isAbsent { return try cutByFraction(root) }
    guard try root["do_center_crop"].boolean(default: false) else {
      guard root["size"]["shortest_edge"].isAbsent else { throw root["do_center_crop"].wrong("true where size has a shortest_edge") }
      return (try size(root["size"]), .exact)
    }
    let result = try size(root["crop_size"])
    if !root["size"]["shortest_edge"].isAbsent {
      let edge = try root["size"]["shortest_edge"].integer(max(result.height, result.width)...ImageInput.largestEdge)
      return (result, .shortestEdge(edge))
    }
    return try cut(result, from: root["size"])
  }

  /// A square that is cut again: pictures keep their proportions on the way, as DeiT was trained.
  private func cut(_ result: Size, from field: Field) throws(ImportError) -> (Size, ImageInput.Resize) {
    let outer = try size(field)
    if outer == result, case .object? = field.value { return (result, .exact) }
    guard outer.height == outer.width, outer.height >= max(result.height, result.width) else {
      throw field.wrong("a square that is not below crop_size")
    }
    return (result, .shortestEdge(outer.height))
  }

  /// The crop of ConvNeXt's processor, which ResNet shares: a part of the shorter edge; large pictures are not cropped.
  private func cutByFraction(_ root: Field) throws(ImportError) -> (Size, ImageInput.Resize) {
    let field = root["size"]["shortest_edge"].isAbsent ? root["size"] : root["size"]["shortest_edge"]
    let edge = try size(field)
    let fraction = try root["crop_pct"].number(0.1...1)
    guard edge.height < 384 else { return (edge, .exact) }
    return (edge, .shortestEdge(Int(Double(edge.height) / fraction)))
  }

  /// A number, or an object with height and width.
  private func size(_ field: Field) throws(ImportError) -> Size {
    guard case .object? = field.value else {
      let edge = try field.integer(Self.edges)
      return (edge, edge)
    }
    return (try field["height"].integer(Self.edges), try field["width"].integer(Self.edges))
  }

  /// By the numbers of Pillow.
  private func filter(_ field: Field) throws(ImportError) -> ImageInput.Filter {
    switch try field.integer(0...5) {
    case 2: return .bilinear
    case 3: return .bicubic
    default: throw field.wrong("2 (bilinear) or 3 (bicubic)")
    }
  }

  private func numbers(_ field: Field, _ range: ClosedRange<Double>) throws(ImportError) -> [Float] {
    var numbers: [Float] = []
    for element in try field.elements() { numbers.append(Float(try field.with(element).number(range))) }
    guard numbers.count == 3 else { throw field.wrong("a list of 3") }
    return numbers
  }
}

// timm.
extension ImageFiles {
  func readTimm() throws(ImportError) -> ImageInput {
    let root = directory.configuration["pretrained_cfg"]
    try root["crop_mode"].expect(.string("center"))
    let size = try root["input_size"].integers(Self.edges, atMost: 3)
    guard size.count == 3, size[0] == 3, size[1] == size[2] else { throw root["input_size"].wrong("[3, edge, edge]") }
    let name = try root["interpolation"].string()
    guard let filter = ImageInput.Filter(rawValue: name) else { throw root["interpolation"].wrong("bilinear or bicubic") }
    let fraction = root["crop_pct"].isAbsent ? 0.875 : try root["crop_pct"].number(0.1...1)
    return ImageInput(
      height: size[1], width: size[2], resize: .shortestEdge(Int(Double(size[1]) / fraction)), filter: filter,
      mean: try numbers(root["mean"], -100...100), deviation: try numbers(root["std"], 1e-6...100))
  }

  /// The names of timm's classes, where its `config.json` has them.
  func timmLabels(count: Int) throws(ImportError) -> [String] {
    let field = directory.configuration["label_names"]
    guard !field.isAbsent else { return [] }
    var labels: [String] = []
    for element in try field.elements() { labels.append(try field.with(element).string()) }
    guard labels.count == count else { throw field.wrong("a list of \(count): the classifier has as many outputs") }
    return labels
  }
}
