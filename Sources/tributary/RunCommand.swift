import Device
import Split

/// `tributary run`.
enum RunCommand {
  static let interface = Interface(
    name: "run", operand: "BUNDLE", summary: "Embeds a text; with --labels, finds the nearest label (zero-shot).",
    flags: [
      Flag(name: "text", placeholder: "TEXT", help: "the text (required)"),
      Flag(name: "labels", placeholder: "FILE", help: "candidate labels, one a line"),
      Flag(name: "peer", placeholder: "HOST:PORT", help: "run the later segments on this peer"),
      Flag(name: "split", placeholder: "NAME", help: "the last segment to run here (with --peer; 'tributary info' lists them)"),
      Flag(name: "deadline", placeholder: "SECONDS", help: "time for the answer with --peer (default 2)"),
      Flag(name: "fallback", placeholder: nil, help: "if the peer gives no answer in time, answer locally, marked degraded"),
    ] + sharedFlags,
    examples: [
      "tributary run minilm.gguf --text \"a cat asleep on a sofa\" --labels labels.txt",
      "tributary run minilm.gguf --text \"rain tomorrow\" --peer 192.168.1.7:7433 --split encoder.3 --fallback --json",
    ])

  static func run(_ arguments: Arguments) throws(CommandError) {
    guard let text = arguments["text"] else { throw .usage(.missingFlag("text", why: "what should be embedded?")) }
    let encoder = try openEncoder(arguments)
    let names = try arguments["labels"].map { path throws(CommandError) in try device { () throws(DeviceError) in try readLines(path) } }
    let answer = try answer(text, encoder, arguments)
    let labels = try device { () throws(DeviceError) in try rank(names ?? [], by: answer.embedding, encoder) }
    if arguments.has("json") {
      Console.print(json(text, answer, labels, split: arguments["split"]).text)
    } else {
      report(answer, labels)
    }
  }

  private static func answer(_ text: String, _ encoder: TextEncoder, _ arguments: Arguments) throws(CommandError) -> Answer {
    guard let address = arguments["peer"] else {
      for flag in ["split", "deadline", "fallback"] where arguments.has(flag) {
        throw .usage(.missingFlag("peer", why: "--\(flag) has a meaning only with a peer"))
      }
      return try device { () throws(DeviceError) in try encoder.encode(text) }
    }
    guard let split = arguments["split"] else { throw .usage(.missingFlag("split", why: "after which segment does the peer take over?")) }
    let deadline = try usage { () throws(UsageError) in
      try arguments.milliseconds("deadline", default: Int(SplitRequest.defaultMilliseconds))
    }
    return try device { () throws(DeviceError) in
      let options = SplitOptions(
        peer: try PeerAddress(address), split: split, deadlineMilliseconds: deadline, fallback: arguments.has("fallback"))
      return try SplitEncoder(encoder: encoder, options: options).encode(text)
    }
  }

  /// The labels with their similarity, nearest first. They are embedded here: the bits are the same as a peer's.
  private static func rank(
    _ names: [String], by embedding: [Float], _ encoder: TextEncoder
  ) throws(DeviceError) -> [(label: String, score: Float)] {
    var embeddings: [[Float]] = []
    for name in names { embeddings.append(try encoder.encode(tokens: encoder.tokens(of: name))) }
    let scores = similarities(of: embedding, to: embeddings)
    let order = names.indices.sorted { (scores[$0], -$0) > (scores[$1], -$1) }
    return order.map { (names[$0], scores[$0]) }
  }

  private static func report(_ answer: Answer, _ labels: [(label: String, score: Float)]) {
    for (label, score) in labels.prefix(5) { Console.print(padded(fixed(Double(score), decimals: 4), 8) + "  " + label) }
    if labels.isEmpty {
      let head = answer.embedding.prefix(4).map { fixed(Double($0), decimals: 4) }
      Console.print("embedding of \(answer.embedding.count) numbers: \(head[0]) \(head[1]) \(head[2]) \(head[3]) …  (--json prints all)")
    }
    var line = "\(answer.tokens) tokens, \(fixed(answer.milliseconds, decimals: 2)) ms, \(answer.place.rawValue)"
    if answer.bytesSent > 0 { line += ", \(answer.bytesSent) bytes sent, \(answer.bytesReceived) received" }
    if let failure = answer.failure { line += ", degraded: \(failure.description)" }
    Console.print(line)
  }

  private static func json(
    _ text: String, _ answer: Answer, _ labels: [(label: String, score: Float)], split: String?
  ) -> JSON {
    var members: [(String, JSON)] = [("text", .string(text))]
    if let best = labels.first {
      members.append(("label", .string(best.label)))
      members.append(("score", .number(Double(best.score), decimals: 6)))
      members.append(
        (
          "labels",
          .array(labels.map { .object([("label", .string($0.label)), ("score", .number(Double($0.score), decimals: 6))]) })
        ))
    }
    members += [
      ("embedding", .array(answer.embedding.map { .number(Double($0), decimals: 9) })),
      ("embedding_bits", .string(hexadecimal(answer.embedding.flatMap { bigEndianBytes($0.bitPattern) }))),
      ("tokens", .integer(answer.tokens)), ("milliseconds", .number(answer.milliseconds, decimals: 3)),
      ("where", .string(answer.place.rawValue)), ("degraded", .boolean(answer.isDegraded)),
      ("failure", answer.failure.map { .string($0.description) } ?? .null), ("split", split.map { .string($0) } ?? .null),
      ("bytes_sent", .integer(answer.bytesSent)), ("bytes_received", .integer(answer.bytesReceived)),
    ]
    return .object(members)
  }

  private static func bigEndianBytes(_ bits: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: bits >> (24 - 8 * $0)) } }
}
