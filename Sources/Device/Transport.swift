import CPosix
import Split

/// The byte stream of a connection to a peer, non-blocking: TCP, or TLS over it.
struct Transport: ~Copyable {
  /// What became of bytes to be sent or received.
  enum Transfer {
    case moved(Int)
    case waits
    case ended
  }

  private enum Phase {
    case lookingUp
    case connecting
    case handshaking
    case open
  }

  private var tls: TLSClient?
  /// To which it leads.
  private var host: HostLookup?
  /// Of its addresses those that are still to be tried.
  private var addresses: [posix_address] = []
  private var socket: Int32 = -1
  private var phase = Phase.connecting
  /// Whether opening goes on once the descriptor can be written, or else read.
  private var wantsToWrite = false
  /// Bytes that went over sockets without TLS so far. What went with it, its clients count.
  private(set) var plainSent = 0
  private(set) var plainReceived = 0
  /// What there was of them when this connection was opened.
  private var receivedBefore = 0

  deinit { if socket >= 0 { CPosix.close(socket) } }

  /// To be waited for; -1 where it is closed.
  var descriptor: Int32 { phase == .lookingUp ? host?.descriptor ?? -1 : socket }

  var isClosed: Bool { descriptor < 0 }

  var isOpening: Bool { !isClosed && phase != .open }

  /// Begins a connection, with a client for TLS where the peer speaks that: then `goOn` whenever the descriptor is ready, until it is open.
  mutating func open(_ host: HostLookup, tls: TLSClient?) throws(RemoteFailure) {
    close()
    self.tls = tls
    self.host = host
    receivedBefore = plainReceived
    addresses = host.addresses
    if !addresses.isEmpty { return try connect() }
    (phase, wantsToWrite) = (.lookingUp, false)
    try host.begin()
  }

  /// Begins a connection to the next address for which that is possible.
  private mutating func connect(after failure: RemoteFailure = .unknownHost) throws(RemoteFailure) {
    var failure = failure
    (phase, wantsToWrite) = (.connecting, true)
    while !addresses.isEmpty {
      var address = addresses.removeFirst()
      socket = posix_connect_begin(&address)
      if socket >= 0 { return }
      failure = .connecting(posix_errno())
    }
    throw failure
  }

  /// Goes on with opening. Returns whether the connection is open; after an error it is to be closed.
  mutating func goOn() throws(RemoteFailure) -> Bool {
    if phase == .lookingUp {
      addresses = host?.finish() ?? []
      try connect()
      return false
    }
    if phase == .connecting {
      let number = posix_connect_result(socket)
      guard number == 0 else {
        CPosix.close(socket)
        socket = -1
        try connect(after: .connecting(number))
        return false
      }
      try tls?.begin(socket)
      phase = .handshaking
    }
    var isDone = true
    if let tls { (isDone, wantsToWrite) = try tls.handshake() }
    if isDone { phase = .open }
    return isDone
  }

  /// Whether the descriptor is ready once it can be written as well: while `sending`, and where opening wants it.
  func waitsToWrite(sending: Bool) -> Bool { isOpening ? wantsToWrite : sending }

  /// Sends some of the bytes. After `waits` the next ones must begin with the same.
  mutating func send(_ bytes: [UInt8]) -> Transfer {
    guard let tls else {
      let count = bytes.withUnsafeBytes { posix_send(socket, $0.baseAddress, $0.count) }
      guard count > 0 else { return posix_would_block() != 0 ? .waits : .ended }
      plainSent += count
      return .moved(count)
    }
    return Self.transfer(bytes.withUnsafeBytes { tls.send($0) })
  }

  /// Receives into `bytes`, from its start on.
  mutating func receive(_ bytes: inout [UInt8]) -> Transfer {
    guard let tls else {
      let count = bytes.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
      guard count > 0 else { return count < 0 && posix_would_block() != 0 ? .waits : .ended }
      plainReceived += count
      return .moved(count)
    }
    return Self.transfer(bytes.withUnsafeMutableBytes { tls.receive($0) })
  }

  /// Whether bytes from the peer's first ones on are a TLS record: an alert, or a handshake.
  func areTLS(_ bytes: Span<UInt8>) -> Bool {
    tls == nil && plainReceived - receivedBefore == bytes.count && bytes.count > 2 && (bytes[0] == 21 || bytes[0] == 22) && bytes[1] == 3
  }

  /// A lookup goes on, for the next connection.
  mutating func close() {
    if phase != .open { host?.doubt() }
    if socket >= 0 {
      tls?.end()
      CPosix.close(socket)
    }
    (host, socket, phase) = (nil, -1, .connecting)
  }

  private static func transfer(_ count: Int) -> Transfer {
    count > 0 ? .moved(count) : count == 0 ? .waits : .ended
  }
}

extension RemoteFailure {
  /// Why a connection could not be opened, from the system's error number.
  /// A peer that ends resets connections that it had not taken up.
  fileprivate static func connecting(_ number: Int32) -> RemoteFailure {
    switch number {
    case ECONNREFUSED: .refused
    case ECONNRESET: .closed
    default: .unreachable
    }
  }
}
