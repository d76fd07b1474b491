import Device

/// `tributary run`.
enum RunCommand {
  static let interface = Interface(
    name: "run", operand: "BUNDLE",
    summary: "Runs a model on a text, a picture or a sound, or several of them; with --labels, finds the nearest label (zero-shot).",
    flags: requestFlags + [
      Flag(name: "labels", placeholder: "FILE", help: "candidate labels, one a line, for a model that embeds text"),
      Flag(name: "peer", placeholder: "HOST:PORT,…", help: "run the later segments on this peer, or the first of these that works"),
      Flag(name: "split", placeholder: "NAME", help: "the last segment to run here, or 'input' for none (default: planned)"),
      Flag(name: "share", placeholder: "SHARE", help: "send that share of the features: one of the bundle's ('tributary info')"),
      Flag(name: "objective", placeholder: "WHAT", help: "what to plan for, as of 'tributary plan' (default latency)"),
      Flag(name: "profile", placeholder: "FILE", help: "plan with these costs, link and energy ('tributary probe'); else measure first"),
      Flag(name: "deadline", placeholder: "SECONDS", help: "time for the answer with --peer, in which peers are asked again (default 2)"),
      Flag(name: "stream", placeholder: nil, help: "read requests from standard input and answer them on standard output, as below"),
      Flag(name: "fallback", placeholder: nil, help: "if the peer gives no answer in time, answer locally, marked degraded"),
      Flag(
        name: "activate", placeholder: nil, help: "run the cheapest modality first, and more, or a peer, only while the answer is unsure"),
      Flag(name: "confidence", placeholder: "SHARE", help: "with --activate: what is sure enough, 0 to 1 (default: the bundle's, or 0.9)"),
      Flag(name: "budget", placeholder: "SECONDS", help: "with --activate: time that further modalities must fit in"),
      Flag(name: "only", placeholder: "NAME,…", help: "with --activate: of text, image and sound those that may run"),
    ] + tlsFlags + sharedFlags,
    examples: [
      "tributary run minilm.gguf --text \"a cat asleep on a sofa\" --labels labels.txt",
      "tributary run clip.gguf --image cat.jpg --labels labels.txt",
      "tributary run wav2vec2.gguf --audio meow.wav --json",
      "tributary run clip.gguf --stream --labels labels.txt < requests",
      "tributary run minilm.gguf --text \"rain tomorrow\" --peer 192.168.1.7:7433 --split encoder.3 --fallback --json",
      "tributary run clip.gguf --text \"a cat\" --image cat.jpg --labels labels.txt --activate --confidence 0.95 --budget 0.2",
    ],
    details: """
      With --stream each line is one request, {"id": 7, "text": "a cat", "image": "cat.jpg", "audio": "meow.wav", "deadline": 0.5}, of \
      which any part may be missing, and each is answered by one line, in order, with the same id: what --json prints, or \
      {"id": 7, "error": "…", "code": 65} with the exit code that such a request would end the program with. Over a peer, features that \
      changed little since the last request are sent as differences.
      """)

  static func run(_ arguments: Arguments) throws(CommandError) {
    guard !arguments.has("stream") else { return try RequestStream(Execution(arguments, isStream: true)).run() }
    let request = try request(arguments)
    guard !request.modalities.isEmpty else { throw .usage(.missingFlag("text", why: "or --image or --audio: what should it run on?")) }
    let execution = try Execution(arguments, isStream: false)
    let result = try device { () throws(DeviceError) in try execution.run(request) }
    if arguments.has("json") {
      Console.print(JSON.object(result.members).text)
    } else {
      result.report()
    }
  }
}
