import BundleFormat
import CTributary
import Device
import ModelGraph

/// What a `tributary_model *` points to: an opened bundle, one request, and all that is lent to the program.
final class ModelHandle {
  let runner: ModelRunner
  let texts: LentTexts
  let message = LentMessage()
  var request = Request()
  private(set) var place = TRIBUTARY_NOWHERE
  private var splitRunner: SplitRunner?
  private let outputs: [LentNumbers]

  init(path: String, threads: Int, kernels: String?) throws(DeviceError) {
    runner = try ModelRunner(path: path, threads: threads, kernels: kernels)
    texts = LentTexts(runner.bundle)
    outputs = runner.bundle.graph.outputs.map { _ in LentNumbers() }
  }

  /// The modalities as bits.
  var modalities: UInt32 {
    runner.modalities.reduce(0) { $0 | $1.bit }
  }

  /// Runs the later segments on a peer from now on, or with nil everything here.
  func split(_ options: SplitOptions?) throws(DeviceError) {
    splitRunner = try options.map { options throws(DeviceError) in try SplitRunner(runner: runner, options: options) }
  }

  /// Starts a new request.
  func begin() {
    request = Request()
    forget()
  }

  /// Runs the request and keeps its outputs.
  func run() throws(DeviceError) {
    forget()
    let answer = if let splitRunner { try splitRunner.run(request) } else { try runner.run(request) }
    let graph = runner.bundle.graph
    for output in answer.outputs {
      for place in outputs.indices where graph[graph.outputs[place]].name == output.name { outputs[place].keep(output.values) }
    }
    place = answer.place.code
  }

  /// The numbers of an output, which stay where they are until the next run.
  func numbers(_ output: Int) -> UnsafeBufferPointer<Float>? { outputs.indices.contains(output) ? outputs[output].values : nil }

  private func forget() {
    place = TRIBUTARY_NOWHERE
    for output in outputs { output.keep([]) }
  }
}

extension Modality {
  /// The bit that stands for it in C.
  var bit: UInt32 {
    switch self {
    case .text: UInt32(TRIBUTARY_TEXT)
    case .image: UInt32(TRIBUTARY_IMAGE)
    case .sound: UInt32(TRIBUTARY_SOUND)
    }
  }
}

extension Place {
  fileprivate var code: tributary_place {
    switch self {
    case .local: TRIBUTARY_LOCAL
    case .peer: TRIBUTARY_PEER
    case .localFallback: TRIBUTARY_LOCAL_FALLBACK
    case .localFusion: TRIBUTARY_LOCAL_FUSION
    }
  }
}
