import BundleFormat
import Glibc
import Inference
import ModelGraph
import Split
import Wire

/// Asks a peer on this machine, for tools/bench-peer: so many clients, each with a request under way all the time.
///
/// `PeerLoad bundle split port clients seconds tokens` prints the answers a second and the median and the 99th percentile of their
/// milliseconds. Inputs are made by chance; there are 1 to `tokens` of tokens, as far as the model takes them.
@main struct PeerLoad {
  static func main() throws {
    let words = CommandLine.arguments
    guard words.count == 7, let port = UInt16(words[3]), let count = Int(words[4]), let seconds = Double(words[5]),
      let tokens = Int(words[6])
    else { return print("expected: bundle split port clients seconds tokens") }
    let bundle = try Bundle(path: words[1])
    let contract = BundleContract(hash: bundle.hash, graph: bundle.graph)
    guard let split = contract.split(named: words[2]) else { return print("no split point \(words[2])") }
    let requests = try RequestMaker(bundle: bundle, split: split).requests(32, tokens: tokens)
    let clients = (0..<count).map { LoadClient(port: port, contract: contract, split: split, requests: requests, first: $0) }
    let end = now() + seconds
    for client in clients { client.send() }
    var polled = clients.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    while now() < end {
      poll(&polled, nfds_t(polled.count), 100)
      for (place, client) in clients.enumerated() where polled[place].revents != 0 {
        guard client.receive() else { return print("the peer refused or left") }
      }
    }
    let times = clients.flatMap(\.times).sorted()
    guard !times.isEmpty else { return print("no answer") }
    print(Double(times.count) / seconds, 1_000 * times[times.count / 2], 1_000 * times[times.count * 99 / 100])
  }
}

func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Makes requests with all inputs of a model up to a split point.
struct RequestMaker {
  private let session: Session
  private let split: UInt16

  init(bundle: Bundle, split: UInt16) throws {
    session = try Session(model: Model(bundle: bundle))
    self.split = split
  }

  func requests(_ count: Int, tokens most: Int) throws -> [SplitFeatures] {
    var generator = SystemRandomNumberGenerator()
    return try (0..<count).map { _ in
      let graph = session.model.graph
      let sequence = min(graph.limits.sequence, Int.random(in: 1...max(1, most), using: &generator))
      try session.begin(sequence: sequence)
      for (input, id) in graph.inputs.enumerated() {
        if graph[id].dataType == .int32 {
          let tokens = (0..<sequence).map { _ in Int32.random(in: 0..<1_000, using: &generator) }
          try session.load(tokens: tokens.span, input: input)
        } else {
          let elements = graph[id].shape.elementCount(batch: 1, sequence: sequence) ?? 0
          let values = (0..<elements).map { _ in Float.random(in: -1...1, using: &generator) }
          try session.load(values: values.span, input: input)
        }
      }
      var features = [UInt8](repeating: 0, count: session.featureByteCount(split: Int(split)))
      var span = features.mutableSpan
      try session.run(until: Int(split), features: &span)
      return SplitFeatures(features: features, sequence: sequence, present: (1 << UInt64(graph.inputs.count)) - 1)
    }
  }
}

/// One connection with one request under way.
final class LoadClient {
  let descriptor: Int32
  /// From each request to its answer, in seconds.
  private(set) var times: [Double] = []
  private let plan: PlanID
  private let requests: [SplitFeatures]
  private let first: Int
  private var session: UInt32 = 0
  private var request: UInt32 = 0
  private var since = 0.0
  private var decoder = FrameDecoder(bodyLimit: 1 << 24)

  init(port: UInt16, contract: BundleContract, split: UInt16, requests: [SplitFeatures], first: Int) {
    plan = PlanID(bundle: contract.hash.prefix, split: split)
    self.requests = requests
    self.first = first
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    _ = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    write(Hello(versions: Protocol.versions, bundle: contract.hash).frame.encoded)
    while session == 0, let frame = frames()?.first { session = frame.header.session }
  }

  deinit { close(descriptor) }

  /// Sends the next request.
  func send() {
    let next = requests[(first + Int(request)) % requests.count]
    request += 1
    let header = FrameHeader.request(
      request, session: session, plan: plan, sequence: UInt16(next.sequence), present: UInt16(next.present), deadline: 20_000)
    since = now()
    write(Frame(header, body: next.features).encoded)
  }

  /// Reads what has come and sends the next request after an answer; false where the peer does not answer.
  func receive() -> Bool {
    guard let frames = frames() else { return false }
    for frame in frames {
      guard frame.header.type == .result else { return false }
      times.append(now() - since)
      send()
    }
    return true
  }

  private func write(_ bytes: [UInt8]) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes[offset...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      offset += count
    }
  }

  /// The frames that end in what has come; nil when the connection has ended.
  private func frames() -> [Frame]? {
    let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { $1 = max(0, recv(descriptor, $0.baseAddress, $0.count, 0)) }
    guard !bytes.isEmpty else { return nil }
    var (frames, offset) = ([Frame](), 0)
    while let event = try? decoder.next(bytes.span, &offset) { if case .frame(let frame) = event { frames.append(frame) } }
    return frames
  }
}
