import BundleFormat
import Device
import Split

/// `tributary run`.
enum RunCommand {
  static let interface = Interface(
    name: "run", operand: "BUNDLE",
    summary: "Runs a model on a text, a picture or a sound, or several of them; with --labels, finds the nearest label (zero-shot).",
    flags: requestFlags + [
      Flag(name: "labels", placeholder: "FILE", help: "candidate labels, one a line, for a model that embeds text"),
      Flag(name: "peer", placeholder: "HOST:PORT,…", help: "run the later segments on this peer, or the first of these that works"),
      Flag(name: "split", placeholder: "NAME", help: "the last segment to run here ('tributary info' lists them), or 'input' for none"),
      Flag(name: "deadline", placeholder: "SECONDS", help: "time for the answer with --peer (default 2)"),
      Flag(name: "fallback", placeholder: nil, help: "if the peer gives no answer in time, answer locally, marked degraded"),
    ] + sharedFlags,
    examples: [
      "tributary run minilm.gguf --text \"a cat asleep on a sofa\" --labels labels.txt",
      "tributary run clip.gguf --image cat.jpg --labels labels.txt",
      "tributary run wav2vec2.gguf --audio meow.wav --json",
      "tributary run minilm.gguf --text \"rain tomorrow\" --peer 192.168.1.7:7433 --split encoder.3 --fallback --json",
    ])

  static func run(_ arguments: Arguments) throws(CommandError) {
    let request = try request(arguments)
    guard !request.modalities.isEmpty else { throw .usage(.missingFlag("text", why: "or --image or --audio: what should it run on?")) }
    let runner = try openRunner(arguments)
    let names = try arguments["labels"].map { path throws(CommandError) in try device { () throws(DeviceError) in try readLines(path) } }
    let answer = try answer(request, runner, arguments)
    let labels = try device { () throws(DeviceError) in try rank(names, answer, runner) }
    let result = RunResult(request: request, answer: answer, labels: labels, split: arguments["split"])
    if arguments.has("json") {
      Console.print(result.json.text)
    } else {
      result.report()
    }
  }

  private static func answer(_ request: Request, _ runner: ModelRunner, _ arguments: Arguments) throws(CommandError) -> Answer {
    guard let address = arguments["peer"] else {
      for flag in ["split", "deadline", "fallback"] where arguments.has(flag) {
        throw .usage(.missingFlag("peer", why: "--\(flag) has a meaning only with a peer"))
      }
      return try device { () throws(DeviceError) in try runner.run(request) }
    }
    guard let split = arguments["split"] else { throw .usage(.missingFlag("split", why: "after which segment does the peer take over?")) }
    let deadline = try usage { () throws(UsageError) in
      try arguments.milliseconds("deadline", default: Int(SplitRequest.defaultMilliseconds))
    }
    return try device { () throws(DeviceError) in
      let options = SplitOptions(
        peers: try PeerAddress.list(address), split: split, deadlineMilliseconds: deadline, fallback: arguments.has("fallback"))
      return try SplitRunner(runner: runner, options: options).run(request)
    }
  }

  /// The labels best first: the given ones by their similarity to the answer's first embedding, else the model's own by their probability.
  private static func rank(
    _ names: [String]?, _ answer: Answer, _ runner: ModelRunner
  ) throws(DeviceError) -> [(label: String, score: Float)] {
    if let names, let embedding = answer.outputs.first(where: { $0.isEmbedding }) {
      var embeddings: [[Float]] = []
      // They are embedded here: the bits are the same as a peer's.
      for name in names { embeddings += try runner.run(Request(text: name)).outputs.prefix(1).map { $0.values } }
      return ordered(names, similarities(of: embedding.values, to: embeddings))
    }
    guard let logits = answer.outputs.first(where: { $0.values.count == runner.bundle.labels.count }) else { return [] }
    return ordered(runner.bundle.labels, probabilities(of: logits.values))
  }

  private static func ordered(_ names: [String], _ scores: [Float]) -> [(label: String, score: Float)] {
    scores.indices.sorted { (scores[$0], -$0) > (scores[$1], -$1) }.map { (names[$0], scores[$0]) }
  }
}
