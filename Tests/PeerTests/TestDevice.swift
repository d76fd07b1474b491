import Glibc
import Peer
import Split
import Wire

/// A device on blocking sockets, driven by a `DeviceSession`.
struct TestDevice: ~Copyable {
  private var session: DeviceSession
  private var descriptor: Int32 = -1
  private let port: UInt16

  init(_ contract: BundleContract, port: UInt16, settings: DeviceSettings = DeviceSettings()) {
    session = DeviceSession(contract: contract, settings: settings)
    self.port = port
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// The answer for features of a sequence, within the deadline.
  mutating func ask(_ features: [UInt8], milliseconds: UInt32 = 20_000) -> Result<[UInt8], RemoteFailure> {
    ask(.features(features, split: 0), sequence: UInt16(features.count / 387), milliseconds: milliseconds)
  }

  /// The answer for a text as it came.
  mutating func ask(text: String) -> Result<[UInt8], RemoteFailure> {
    ask(.raw(RawInputs([.init(kind: .text, bytes: Array(text.utf8))])), sequence: 1, milliseconds: 20_000)
  }

  private mutating func ask(_ body: SplitRequest.Body, sequence: UInt16, milliseconds: UInt32) -> Result<[UInt8], RemoteFailure> {
    let request = SplitRequest(body, sequence: sequence, present: 1, deadline: Self.now.adding(milliseconds: milliseconds))
    var actions = session.submit(request, now: Self.now)
    while true {
      if let outcome = perform(actions) { return outcome.map { $0.body } }
      actions = waitForNext()
    }
  }

  private mutating func perform(_ actions: [DeviceAction]) -> Result<RemoteAnswer, RemoteFailure>? {
    var outcome: Result<RemoteAnswer, RemoteFailure>?
    for action in actions {
      switch action {
      case .connect: outcome = perform(connect()) ?? outcome
      case .send(let bytes): sendAll(descriptor, bytes)
      case .measured: break
      case .close:
        close(descriptor)
        descriptor = -1
      case .finish(let end): outcome = end
      }
    }
    return outcome
  }

  private mutating func connect() -> [DeviceAction] {
    descriptor = openConnection(port: port)
    return descriptor < 0 ? session.connectFailed(.refused, now: Self.now) : session.connected(now: Self.now)
  }

  /// Waits for bytes or for the session's wake-up.
  private mutating func waitForNext() -> [DeviceAction] {
    let wait = session.wakeUp.map { Self.now.milliseconds(until: $0) } ?? 0
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&poller, 1, Int32(clamping: wait) + 1) > 0 else { return session.tick(now: Self.now) }
    let bytes = receive(descriptor)
    return bytes.isEmpty ? session.closed(now: Self.now) : session.received(bytes.span, now: Self.now)
  }

  private static var now: Moment {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Moment(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}

private func loopback(_ port: UInt16) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  return address
}

private func withSocketAddress(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
  var address = loopback(port)
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
  }
}

/// A connection to a port of this machine, or -1.
func openConnection(port: UInt16) -> Int32 {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  guard withSocketAddress(port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
    close(descriptor)
    return -1
  }
  var on: Int32 = 1
  setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  return descriptor
}

/// A socket that listens on a port of the system's choice, and the port.
func openListener() -> (descriptor: Int32, port: UInt16) {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  _ = withSocketAddress(0) { bind(descriptor, $0, $1) }
  listen(descriptor, 8)
  var address = sockaddr_in()
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  _ = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
  }
  return (descriptor, UInt16(bigEndian: address.sin_port))
}

/// Sends as long as the other side takes it; false if it does not.
@discardableResult
func sendAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
  var offset = 0
  while offset < bytes.count {
    let count = bytes[offset...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    guard count > 0 else { return false }
    offset += count
  }
  return true
}

/// What has arrived, at most 64 KiB; empty when the connection has ended.
func receive(_ descriptor: Int32) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
    count = max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
  }
}

/// Everything until the other side ends the connection, as frames.
func receiveFrames(_ descriptor: Int32) -> [Frame] {
  var all: [UInt8] = []
  while true {
    let bytes = receive(descriptor)
    guard !bytes.isEmpty else { return frames(in: all) }
    all += bytes
  }
}

/// The whole frames at the start of some bytes.
func frames(in bytes: [UInt8]) -> [Frame] {
  var decoder = FrameDecoder(bodyLimit: 4_096)
  var frames: [Frame] = []
  var offset = 0
  while let event = try? decoder.next(bytes.span, &offset) {
    if case .frame(let frame) = event { frames.append(frame) }
  }
  return frames
}
