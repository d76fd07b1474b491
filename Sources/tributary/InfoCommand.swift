import BundleFormat
import CPosix
import Device
import Inference
import ModelGraph

/// `tributary info`.
enum InfoCommand {
  static let interface = Interface(
    name: "info", operand: "BUNDLE", isOperandOptional: true,
    summary: "Says what a bundle holds, after checking all of it, and what this program runs on.",
    flags: [
      Flag(name: "nodes", placeholder: nil, help: "list every operation as well"),
      Flag(name: "json", placeholder: nil, help: "print JSON"),
    ],
    examples: ["tributary info", "tributary info minilm.gguf", "tributary info minilm.gguf --nodes"])

  static func run(_ arguments: Arguments) throws(CommandError) {
    guard !arguments.operand.isEmpty else { return Console.print(arguments.has("json") ? JSON.object(machine).text : machineLines) }
    let bundle = try device { () throws(DeviceError) in try openBundle(arguments.operand) }
    for segment in bundle.graph.segments.indices {
      do throws(BundleError) { try bundle.verify(segment: segment) } catch { throw .device(.bundle(path: arguments.operand, error)) }
    }
    if arguments.has("json") {
      Console.print(json(bundle).text)
    } else {
      report(bundle, nodes: arguments.has("nodes"))
    }
  }

  private static func report(_ bundle: Bundle, nodes: Bool) {
    let graph = bundle.graph
    Console.print("name        \(bundle.name)")
    Console.print("hash        \(hexadecimal(bundle.hash))")
    Console.print("size        \(megabytes(bundle.byteCount))")
    Console.print("sequence    up to \(graph.limits.sequence)")
    if bundle.tokenizer != nil { Console.print("tokenizer   WordPiece, \(bundle.tokenCount) tokens") }
    if bundle.bytePair != nil { Console.print("tokenizer   byte-level BPE, \(bundle.tokenCount) tokens") }
    if let image = bundle.image { Console.print("image       \(image.width) × \(image.height), \(image.filter.rawValue)") }
    if let sound = bundle.sound { Console.print("sound       \(sound.samples) samples at \(sound.rate) Hz") }
    if !bundle.labels.isEmpty { Console.print("labels      \(bundle.labels.count)") }
    if let confidence = bundle.confidence { Console.print("confidence  " + description(of: confidence)) }
    if let points = bundle.ratePoints {
      Console.print(
        "rate        \(joined(points.shares.map { fixed(Double($0), decimals: 3) }, ", ")) or all of \(joined(points.tensors, ", "))")
    }
    for id in graph.inputs { Console.print("input       \(graph[id].name) \(graph[id].shape.description)") }
    for id in graph.outputs { Console.print("output      \(graph[id].name) \(graph[id].shape.description)") }
    for note in bundle.notes { Console.print(leading(title(of: note), 11) + " " + note.text) }
    Console.print(machineLines)
    let tokens = min(64, graph.limits.sequence)
    let head = leading("segment", 16) + padded("operations", 12) + padded("parameters", 14) + padded("MMAC at \(tokens)", 12)
    Console.print("\n" + head + "  split point")
    for segment in graph.segments {
      let bytes = bundle.byteCount(of: segment)
      let work = Double(graph.multiplyAccumulates(of: segment.nodes, sequence: tokens)) / 1e6
      let crossing = graph.splitPoint(named: segment.name).map {
        "  \(graph.featureByteCount(at: $0, sequence: tokens)) bytes at \(tokens)"
      }
      let remark = segment.role == .local ? "  local fusion" : crossing ?? ""
      Console.print(
        leading(segment.name, 16) + padded("\(segment.nodes.count)", 12) + padded(megabytes(bytes), 14)
          + padded(fixed(work, decimals: 1), 12) + remark)
    }
    guard nodes else { return }
    Console.print("")
    for node in graph.nodes {
      let output = graph[node.output]
      Console.print(leading(node.name, 30) + leading(node.operation.name, 14) + "\(output.dataType.rawValue) \(output.shape.description)")
    }
  }

  private static func description(of confidence: Confidence) -> String {
    let threshold = confidence.threshold.map { ", enough from \(fixed(Double($0), decimals: 3))" } ?? ""
    return "softmax at temperature \(fixed(Double(confidence.temperature), decimals: 6))" + threshold
  }

  private static var machineLines: String {
    "profile     \(profile ?? "none: not built by tools/firmware")\n"
      + "kernels     \(joined(KernelSet.available.map { $0.name }, ", ")) on this processor\n"
      + "TLS         \(TLSFiles.areOfUse ? "inside" : "none: tools/firmware --tls builds it in")"
  }

  private static var machine: [(String, JSON)] {
    [
      ("profile", profile.map { .string($0) } ?? .null), ("kernels", .array(KernelSet.available.map { .string($0.name) })),
      ("tls", .boolean(TLSFiles.areOfUse)),
    ]
  }

  /// The firmware profile that this program was built for.
  private static var profile: String? {
    var name: [UInt8] = []
    while let byte = UInt8(exactly: posix_profile_name_byte(Int32(name.count))), byte != 0 { name.append(byte) }
    return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
  }

  /// A note's key without the part that all such keys share.
  private static func title(of note: Note) -> String {
    note.key.utf8.split(separator: UInt8(ascii: ".")).last.map { String(Substring($0)) } ?? note.key
  }

  private static func json(_ bundle: Bundle) -> JSON {
    let graph = bundle.graph
    return .object(
      machine + [
        ("name", .string(bundle.name)), ("hash", .string(hexadecimal(bundle.hash))), ("bytes", .integer(bundle.byteCount)),
        ("sequence_limit", .integer(graph.limits.sequence)),
        ("split_points", .array(graph.splitPoints.map { .string($0.name) })),
        (
          "segments",
          .array(
            graph.segments.map { segment in
              .object([
                ("name", .string(segment.name)), ("role", .string(segment.role.rawValue)), ("operations", .integer(segment.nodes.count)),
                ("parameter_bytes", .integer(bundle.byteCount(of: segment))),
              ])
            })
        ),
      ])
  }
}
