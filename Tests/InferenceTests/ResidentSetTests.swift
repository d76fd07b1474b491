import BundleFormat
import Foundation
import Inference
import ModelGraph
import TestSupport
import Testing

/// Three modalities of some megabytes each, a segment for each, and a small fusion of their rows.
private struct ThreeModalities {
  static let width = 1024
  static let names = ["image", "sound", "text"]

  static func graph() throws -> Graph {
    var parts = SmallModelBuilder()
    let image = parts.graph.input("image", shape: .rows(.fixed(6), width), dataType: .float32)
    let sound = parts.graph.input("sound", shape: .rows(.fixed(5), width), dataType: .float32)
    let text = parts.graph.input("tokens", shape: Shape([.batch, .sequence]), dataType: .int32)
    let ends = zip(names, [image, sound, text]).map { name, start in
      var rows = name == "text" ? parts.embedding(name, start, width) : start
      for layer in 0..<3 { rows = parts.linear("\(name).\(layer)", rows, width) }
      return parts.endSegment(name, rows)
    }
    let pooled = parts.pool(parts.concatenate("all", ends), .mean)
    let embedding = parts.normalized(pooled)
    parts.graph.endSegment("head")
    return try parts.model("three", outputs: [embedding]).graph.quantizedAnyhow()
  }
}

extension Graph {
  /// The same graph of rows in integers, with scales that stand for nothing.
  fileprivate func quantizedAnyhow() throws -> Graph {
    let parameters = Set(self.parameters)
    let retyped = tensors.enumerated().map { index, tensor in
      let id = TensorID(index)
      if tensor.dataType == .int32 || outputs.contains(id) || (parameters.contains(id) && tensor.shape.rank == 1) { return tensor }
      return parameters.contains(id)
        ? Tensor(name: tensor.name, shape: tensor.shape, dataType: .int8, quantization: .rows)
        : Tensor(name: tensor.name, shape: tensor.shape, dataType: .int16, quantization: .tensor(scale: 0x1p-12, limit: 32767))
    }
    return try Graph(tensors: retyped, nodes: nodes, segments: segments, inputs: inputs, outputs: outputs, limits: limits)
  }
}

/// Which pages of a file's mapping this process has touched.
private struct Mapping {
  private static let page = 4096
  private let start: UInt64
  private let count: Int

  /// The mapping of the whole file.
  init(of path: String) throws {
    let lines = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).split(separator: "\n")
    let line = try #require(lines.first { $0.hasSuffix(path) })
    let ends = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt64($0, radix: 16) }
    start = ends[0]
    count = Int(ends[1] - ends[0]) / Self.page
  }

  /// The share of the pages in a range of the file that are mapped, by bit 63 of their entries in the page map.
  func residentShare(of range: Range<Int>) throws -> Double {
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/pagemap"))
    try handle.seek(toOffset: start / UInt64(Self.page) * 8)
    let entries = try #require(try handle.read(upToCount: 8 * count))
    let pages = range.lowerBound / Self.page..<min(count, (range.upperBound + Self.page - 1) / Self.page)
    return Double(pages.count { entries[entries.startIndex + 8 * $0 + 7] & 0x80 != 0 }) / Double(pages.count)
  }
}

@Suite struct ResidentSetTests {
  /// Neighbours of a touched page that the system may map with it: the 64 KiB around it at each end of a segment.
  private static let neighbours = 32.0

  @Test(arguments: ThreeModalities.names.indices) func aModalityTouchesItsOwnPagesOnly(modality: Int) throws {
    let graph = try ThreeModalities.graph()
    // On other file systems a touched page brings the whole of what was once written together, which may be megabytes.
    let folder = try TemporaryDirectory(under: "/dev/shm")
    let path = folder.path + "/three.gguf"
    try BundleWriter.write(BundleContents(name: "three", random: graph, seed: 1), to: path)
    let bundle = try Bundle(unverified: path)
    let session = try Session(model: Model(bundle: bundle), threads: 2)
    let mapping = try Mapping(of: path)
    let segments = ThreeModalities.names.indices.map { bundle.range(ofSegment: $0) }
    for range in segments { #expect(try mapping.residentShare(of: range) < Self.neighbours * 4096 / Double(range.count)) }
    try session.begin(sequence: 4)
    if modality == 2 {
      try session.load(tokens: [1, 2, 3, 4].span, input: modality)
    } else {
      let values = [Float](repeating: 1, count: (modality == 0 ? 6 : 5) * ThreeModalities.width)
      try session.load(values: values.span, input: modality)
    }
    try session.run()
    #expect(session.rowCount(output: 0) == 1)
    for (index, range) in segments.enumerated() {
      let share = try mapping.residentShare(of: range)
      let isOwn = index == modality
      #expect(isOwn ? share > 0.9 : share < Self.neighbours * 4096 / Double(range.count), "\(ThreeModalities.names[index]): \(share)")
    }
  }
}
