import Glibc
import Peer
import Split
import TestSupport
import Testing
import Wire

/// A device's first bytes over TLS 1.2 (RFC 5246, 7.4.1.2): a record with a client hello that offers one cipher suite and two curves.
private func clientHello(using generator: inout SeededGenerator) -> [UInt8] {
  let random = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
  let extensions: [UInt8] = [0, 10, 0, 6, 0, 4, 0, 29, 0, 23] + [0, 11, 0, 2, 1, 0] + [0, 13, 0, 4, 0, 2, 4, 3] + [0, 23, 0, 0]
  let body = [3, 3] + random + [0, 0, 2, 0xC0, 0x2B, 1, 0, 0, UInt8(extensions.count)] + extensions
  let message = [1, 0, 0, UInt8(body.count)] + body
  return [22, 3, 1, 0, UInt8(message.count)] + message
}

/// Whether the server takes a handshake up.
private func answersHandshakes(_ port: UInt16) -> Bool {
  var generator = SeededGenerator(seed: 1)
  let descriptor = openConnection(port: port)
  defer { close(descriptor) }
  sendAll(descriptor, clientHello(using: &generator))
  return receive(descriptor).starts(with: [22, 3, 3])
}

@Suite struct TLSServerTests {
  let certificates = Result { try Certificates() }

  /// Serves over TLS while `body` runs.
  @discardableResult
  private func withTLSServer(
    configure: (inout PeerConfiguration) -> Void = { _ in }, body: @escaping @Sendable (UInt16) -> Bool
  ) async throws -> PeerMetrics {
    let files = try certificates.get()
    return try await withServer(
      ToyModel(),
      configure: {
        $0.credentials = PeerCredentials(
          certificate: files.path("peer.pem"), key: files.path("peer.key"), clientAuthority: files.path("ca.pem"))
        configure(&$0)
      }
    ) { server, _ in
      let port = server.address.port
      #expect(await blocking { body(port) })
    }
  }

  @Test func handshakesOfAnyBytesHurtNobody() async throws {
    let metrics = try await withTLSServer { port in
      var generator = SeededGenerator(seed: 7)
      for round in 0..<scaled(600) {
        var bytes = clientHello(using: &generator)
        switch round % 3 {
        case 0: bytes = (0..<Int.random(in: 1...300, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        case 1: for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator) }
        default: bytes += (0..<64).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        let descriptor = openConnection(port: port)
        sendAll(descriptor, bytes)
        shutdown(descriptor, Int32(SHUT_WR))
        while !receive(descriptor).isEmpty {}
        close(descriptor)
      }
      return answersHandshakes(port)
    }
    #expect(metrics.connections == 0 && metrics.failedHandshakes >= scaled(600))
  }

  @Test func aHandshakeCutAtAnyByteHurtsNobody() async throws {
    try await withTLSServer { port in
      var generator = SeededGenerator(seed: 3)
      let hello = clientHello(using: &generator)
      for count in 0..<hello.count {
        let descriptor = openConnection(port: port)
        sendAll(descriptor, Array(hello[..<count]))
        close(descriptor)
      }
      return answersHandshakes(port)
    }
  }

  @Test func aDrippedHandshakeIsCut() async throws {
    let metrics = try await withTLSServer(configure: { $0.handshakeMilliseconds = 150 }) { port in
      var generator = SeededGenerator(seed: 4)
      let descriptor = openConnection(port: port)
      defer { close(descriptor) }
      for byte in clientHello(using: &generator) {
        guard sendAll(descriptor, [byte]) else { return answersHandshakes(port) }
        usleep(20_000)
      }
      return false
    }
    #expect(metrics.failedHandshakes >= 1 && metrics.connections == 0)
  }

  @Test func theOldestOfTooManyHandshakesMakesRoom() async throws {
    try await withTLSServer(configure: { $0.maximumHandshakes = 4 }) { port in
      let idle = (0..<12).map { _ in openConnection(port: port) }
      defer { for descriptor in idle { close(descriptor) } }
      let isServed = answersHandshakes(port)
      return isServed && idle.prefix(8).allSatisfy { receive($0).isEmpty }
    }
  }
}

@Suite struct ClientLimitTests {
  private let answer = ToyModel.answer(to: features(rows: 1))

  @Test func connectionsOfOneDeviceAreLimited() async throws {
    let model = ToyModel()
    let answer = answer
    let metrics = try await withServer(model, configure: { $0.client.connections = 2 }) { server, _ in
      let port = server.address.port
      let outcomes = await blocking { () -> [Result<[UInt8], RemoteFailure>] in
        var first = TestDevice(model.contract, port: port)
        var second = TestDevice(model.contract, port: port)
        var third = TestDevice(model.contract, port: port)
        return [first.ask(features(rows: 1)), second.ask(features(rows: 1)), third.ask(features(rows: 1)), first.ask(features(rows: 1))]
      }
      #expect(outcomes == [.success(answer), .success(answer), .failure(.peer(.busy)), .success(answer)])
    }
    #expect(metrics.refusedConnections == 1)
  }

  @Test func memoryOfOneDeviceIsLimited() async throws {
    let model = ToyModel()
    let answer = answer
    let metrics = try await withServer(model, configure: { $0.client.memory = 387 + 387 + 1_536 }) { server, _ in
      let port = server.address.port
      let outcomes = await blocking { () -> [Result<[UInt8], RemoteFailure>] in
        return [1, 200, 1].map { rows in
          var device = TestDevice(model.contract, port: port)
          return device.ask(features(rows: rows))
        }
      }
      #expect(outcomes == [.success(answer), .failure(.peer(.busy)), .success(answer)])
    }
    #expect(metrics.refusedRequests == 1)
  }

  @Test func requestsOfOneDeviceAreLimited() async throws {
    let (started, released) = (Counter(), Counter())
    let model = ToyModel { _ in
      started.increase()
      while released.count == 0 { usleep(1_000) }
    }
    let answer = answer
    let metrics = try await withServer(model, configure: { $0.client.requests = 1 }) { server, _ in
      let port = server.address.port
      async let first = blocking {
        var device = TestDevice(model.contract, port: port)
        return device.ask(features(rows: 1))
      }
      let second = await blocking {
        while started.count == 0 { usleep(1_000) }
        var device = TestDevice(model.contract, port: port)
        let refusal = device.ask(features(rows: 1))
        released.increase()
        return refusal
      }
      #expect(await first == .success(answer))
      #expect(second == .failure(.peer(.busy)))
    }
    #expect(metrics.refusedRequests == 1 && metrics.answers == 1 && metrics.failures == 0)
  }
}
