import BundleFormat
import Device
import Inference
import ModelGraph
import Split

/// A model that is ready to answer requests as a command's flags say: here or with peers, with labels or without.
struct Execution {
  private let runner: ModelRunner
  private let splitRunner: SplitRunner?
  private let activation: ActivationOptions?
  private let labels: LabelRanking

  init(_ arguments: Arguments, isStream: Bool) throws(CommandError) {
    let runner = try openRunner(arguments)
    activation = try Self.activation(arguments)
    let options = try Self.splitOptions(arguments, runner, isStream: isStream)
    let names = try arguments["labels"].map { path throws(CommandError) in try device { () throws(DeviceError) in try readLines(path) } }
    self.runner = runner
    splitRunner = try device { () throws(DeviceError) in
      try options.map { options throws(DeviceError) in try SplitRunner(runner: runner, options: options) }
    }
    labels = try device { () throws(DeviceError) in try LabelRanking(names, runner) }
    guard activation == nil || splitRunner == nil || runner.session.hasLocalPath else {
      throw .usage(.conflict("activate", "peer", why: "the bundle has no local fusion that could answer before a peer is asked"))
    }
  }

  /// Answers a request, by a peer within the deadline where one is given, else within that of the flags.
  func run(_ request: Request, deadlineMilliseconds: Int? = nil) throws(DeviceError) -> RunResult {
    let answer: Answer
    var decisions: ModalityActivation?
    if let activation {
      let activated = try runner.run(request, activation, labels: labels.embeddings, peers: splitRunner)
      (answer, decisions) = (activated.answer, activated.activation)
    } else if let splitRunner {
      answer = try splitRunner.run(request, deadlineMilliseconds: deadlineMilliseconds)
    } else {
      answer = try runner.run(request)
    }
    return RunResult(
      request: request, answer: answer, labels: labels.rank(answer), splits: runner.bundle.graph.splitPoints.map { $0.name },
      activation: decisions)
  }

  /// Keeps connections alive until there is something to read on `descriptor`.
  func rest(untilReadable descriptor: Int32) { splitRunner?.rest(untilReadable: descriptor) }

  private static func splitOptions(_ arguments: Arguments, _ runner: ModelRunner, isStream: Bool) throws(CommandError) -> SplitOptions? {
    guard let addresses = arguments["peer"] else {
      for flag in ["split", "share", "objective", "profile", "deadline", "fallback"] + tlsFlags.map({ $0.name }) where arguments.has(flag) {
        throw .usage(.missingFlag("peer", why: "--\(flag) has a meaning only with a peer"))
      }
      return nil
    }
    let deadline = try usage { () throws(UsageError) in
      try arguments.milliseconds("deadline", default: Int(SplitRequest.defaultMilliseconds))
    }
    let course = try course(arguments, runner)
    let tls = try tlsFiles(arguments)
    let rate = try usage { () throws(UsageError) in try arguments.share("share") }
    return try device { () throws(DeviceError) in
      SplitOptions(
        peers: try PeerAddress.list(addresses), course: course, deadlineMilliseconds: deadline,
        fallback: arguments.has("fallback") || arguments.has("activate"),
        isStream: isStream, tls: tls, rate: rate)
    }
  }

  /// What `--activate` and the flags that go with it ask for; nil without it.
  private static func activation(_ arguments: Arguments) throws(CommandError) -> ActivationOptions? {
    guard arguments.has("activate") else {
      for flag in ["confidence", "budget", "only"] where arguments.has(flag) {
        throw .usage(.missingFlag("activate", why: "--\(flag) says how far it goes"))
      }
      return nil
    }
    return try usage { () throws(UsageError) in
      let milliseconds = arguments.has("budget") ? Double(try arguments.milliseconds("budget", default: 0)) : nil
      return ActivationOptions(
        only: try arguments.modalities("only"), threshold: try arguments.share("confidence"),
        budget: ActivationBudget(milliseconds: milliseconds))
    }
  }

  private static func course(_ arguments: Arguments, _ runner: ModelRunner) throws(CommandError) -> SplitCourse {
    if let split = arguments["split"] {
      for flag in ["objective", "profile"] where arguments.has(flag) {
        throw .usage(.conflict(flag, "split", why: "what is given is not planned"))
      }
      return .fixed(split)
    }
    let planning = try Planning(runner, arguments)
    return .planned(planning.planner, planning.objective)
  }
}

/// Labels for answers: given ones, which a model that embeds compares with, or a classifier's own.
private struct LabelRanking {
  private let names: [String]
  /// Those of the given labels; empty where they are the model's own or the model does not embed.
  let embeddings: [[Float]]
  private let temperature: Float

  init(_ given: [String]?, _ runner: ModelRunner) throws(DeviceError) {
    temperature = runner.temperature
    guard let given else {
      names = runner.bundle.labels
      embeddings = []
      return
    }
    var embeddings: [[Float]] = []
    // They are embedded here: the bits are the same as a peer's.
    for name in given where runner.embeds {
      embeddings += try runner.run(Request(text: name)).outputs.prefix(1).filter { $0.isEmbedding }.map { $0.values }
    }
    names = given
    self.embeddings = embeddings
  }

  /// The labels best first: by their similarity to the answer's first embedding, or by their probability.
  func rank(_ answer: Answer) -> [(label: String, score: Float)] {
    let scores = LabelScores(of: answer.outputs, labels: embeddings, count: names.count)
    switch scores {
    case .likeness(let values): return ordered(values)
    case .logits: return ordered(scores?.confidences(temperature: temperature) ?? [])
    case nil: return []
    }
  }

  private func ordered(_ scores: [Float]) -> [(label: String, score: Float)] {
    scores.indices.sorted { (scores[$0], -$0) > (scores[$1], -$1) }.map { (names[$0], scores[$0]) }
  }
}
