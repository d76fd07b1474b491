import ArgumentParser
import Device
import Logging
import Peer

/// `tributary-peer serve`.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serves bundles until SIGTERM; then finishes what it accepted.",
    discussion: """
      A device that connects is served the bundle that it holds, by its hash. At SIGHUP, bundles that have changed are opened for new
      connections, while those that are open keep the old ones. Put a new file in the old one's place with mv, never with cp.

      Examples:
        tributary-peer serve minilm.gguf
        tributary-peer serve minilm.gguf clip.gguf --listen 127.0.0.1:7500 --threads 2
        tributary-peer serve minilm.gguf --batch 32 --batch-wait 2
        tributary-peer serve student.gguf --float student/model
        tributary-peer serve minilm.gguf --cache 256 --longest-queue 0.5 --metrics 127.0.0.1:9433
        tributary-peer serve minilm.gguf --listen 0.0.0.0:7433 --certificate peer.pem --key peer.key --client-ca ca.pem
      """)

  @Argument(help: "The bundles to serve.", completion: .file(extensions: ["gguf"]))
  var bundles: [String]

  @Option(help: "The address to listen on; port 0 takes a free one, which is logged.")
  var listen = "127.0.0.1:7433"

  @Option(help: "Threads for the model, 1 to 64.")
  var threads = 1

  @Option(help: "The instruction set to use: portable, avx2 … (default: the widest).")
  var kernels: String?

  @Option(
    help: ArgumentHelp(
      "The directory that a bundle was imported from: what is behind a split point runs in float32 (again for each further bundle).",
      valueName: "directory"), completion: .directory)
  var float: [String] = []

  @Option(help: "Connections at a time.")
  var maximumConnections = 1024

  @Option(help: "MiB for answers that are given again, without a run, to whoever sends the same features; 0 turns that off.")
  var cache = PeerConfiguration().cacheBytes >> 20

  @Option(help: "Seconds that a request may have to wait for the model; while it is more, devices are told 'busy'.")
  var longestQueue = Double(PeerConfiguration().longestQueueMilliseconds) / 1_000

  @OptionGroup(title: "Batches")
  var batches: BatchOptions

  @Option(help: "Show metrics over HTTP at this address: / for people, /metrics for Prometheus, /health.")
  var metrics: ListenAddress?

  @OptionGroup(title: "Encryption")
  var credentials: CredentialOptions

  @OptionGroup(title: "Limits of one device, known by its certificate, else by its address; beyond them it is told 'busy'")
  var limits: LimitOptions

  func validate() throws {
    guard (1...64).contains(threads) else { throw ValidationError("--threads wants a number from 1 to 64, not \(threads)") }
    guard float.isEmpty || float.count == bundles.count else {
      throw ValidationError("--float wants a directory for each bundle, \(bundles.count) in all, not \(float.count)")
    }
    guard (1...65535).contains(maximumConnections) else {
      throw ValidationError("--maximum-connections wants a number from 1 to 65535, not \(maximumConnections)")
    }
    guard (0.001...65).contains(longestQueue) else {
      throw ValidationError("--longest-queue wants seconds from 0.001 to 65, not \(longestQueue)")
    }
    guard (0...65535).contains(cache) else { throw ValidationError("--cache wants a number from 0 to 65535, not \(cache)") }
  }

  func run() async throws {
    do {
      try await serveBundles()
    } catch {
      throw Failure(error).report()
    }
  }

  private func serveBundles() async throws {
    var configuration = PeerConfiguration()
    configuration.listen = try ListenAddress(listen)
    configuration.credentials = credentials.files
    configuration.allowsInsecureRemote = credentials.insecure
    configuration.maximumConnections = maximumConnections
    configuration.cacheBytes = cache << 20
    configuration.longestQueueMilliseconds = UInt32(longestQueue * 1_000)
    configuration.metrics = metrics
    configuration.batch = batches.limits
    configuration.client = limits.limits
    let logger = Logger(label: "tributary-peer")
    let directories = Dictionary(zip(bundles, float), uniquingKeysWith: { first, _ in first })
    let library = try ModelLibrary(bundles, logger: logger) { [threads, kernels, batches] path in
      let runner = try ModelRunner(path: path, threads: threads, kernels: kernels, batch: batches.limits.requests)
      try runner.activate()
      let fusion = try directories[path].map { try FloatFusion(directory: $0, of: runner.bundle, threads: threads) }
      return BundleModel(runner: runner, fusion: fusion)
    }
    try await serve(library, configuration: configuration, logger: logger)
  }
}

extension ListenAddress: ExpressibleByArgument {
  /// Reads `HOST:PORT`.
  package init?(argument: String) {
    try? self.init(argument)
  }
}
