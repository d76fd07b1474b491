import Foundation

/// One end of a TCP connection; whoever opened it closes it.
struct Connection: Sendable {
  let descriptor: Int32

  /// What has arrived, at most so much; empty when the connection has ended.
  func receive(atMost limit: Int = 65_536) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      count = max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
    }
  }

  /// False if the other side does not take it.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Reads until the other side ends the connection.
  func drain() {
    while !receive().isEmpty {}
  }

  func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// Listens on a port of this machine and treats each connection, on a thread of its own, as a test wants; then closes it.
final class Listener: Sendable {
  let port: UInt16
  private let descriptor: Int32

  init(_ treat: @escaping @Sendable (Connection) -> Void) {
    let descriptor = newSocket()
    self.descriptor = descriptor
    port = bindToAnyPort(descriptor)
    Thread.detachNewThread {
      while true {
        let accepted = accept(descriptor, nil, nil)
        guard accepted >= 0 else { break }
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        Thread.detachNewThread {
          let connection = Connection(descriptor: accepted)
          treat(connection)
          // A child that was started meanwhile may hold the socket too, so closing it alone might not end the connection.
          connection.end()
          close(accepted)
        }
      }
      close(descriptor)
    }
  }

  /// Ends the thread that accepts, which then closes the socket.
  deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// The flags that make the device ask this listener.
  var flags: [String] { ["--peer", "127.0.0.1:\(port)"] }

  /// A port at which nothing listens any more.
  static func closedPort() -> UInt16 {
    let descriptor = newSocket()
    defer { close(descriptor) }
    return bindToAnyPort(descriptor)
  }
}

extension Listener {
  /// Passes on what goes between a device and the peer at a port. Cuts both sides once so many bytes have gone up, or down.
  /// Dripping, each byte down takes 20 ms. `beforeUp` hears how many bytes have gone up before the next ones go.
  convenience init(
    relayingTo port: UInt16, up: Int = .max, down: Int = .max, dripping: Bool = false,
    beforeUp: @escaping @Sendable (Int) -> Void = { _ in }
  ) {
    self.init { device in
      let peer = Connection(descriptor: newSocket())
      _ = withLoopback(port) { connect(peer.descriptor, $0, $1) }
      let done = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        pump(from: peer, to: device, limit: down, piece: dripping ? 1 : 65_536) { _ in if dripping { usleep(20_000) } }
        done.signal()
      }
      pump(from: device, to: peer, limit: up, before: beforeUp)
      done.wait()
      close(peer.descriptor)
    }
  }
}

/// Passes bytes on until a side ends or the limit is reached; then ends both.
private func pump(from source: Connection, to target: Connection, limit: Int, piece: Int = 65_536, before: (Int) -> Void) {
  var passed = 0
  while passed < limit {
    let bytes = source.receive(atMost: min(piece, limit - passed))
    if bytes.isEmpty { break }
    before(passed)
    guard target.send(bytes) else { break }
    passed += bytes.count
  }
  source.end()
  target.end()
}

private func newSocket() -> Int32 { socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0) }

private func withLoopback(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
  }
}

/// Makes a socket listen; gives the port.
private func bindToAnyPort(_ descriptor: Int32) -> UInt16 {
  _ = withLoopback(0) { bind(descriptor, $0, $1) }
  listen(descriptor, 64)
  var address = sockaddr_in()
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  _ = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
  }
  return UInt16(bigEndian: address.sin_port)
}
