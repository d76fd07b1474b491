import Peer
import Testing

@Test func addressesAreRead() throws {
  #expect(try ListenAddress("127.0.0.1:7433") == ListenAddress(host: "127.0.0.1", port: 7433))
  #expect(try ListenAddress("[::1]:0") == ListenAddress(host: "::1", port: 0))
  #expect(try ListenAddress("localhost:65535").description == "localhost:65535")
  #expect(try ListenAddress("[::1]:7433").description == "[::1]:7433")
  for text in ["", "7433", ":7433", "host", "host:", "host:65536", "host:-1", "::1:7433", "[]:1", "host:x"] {
    #expect(throws: PeerError.malformedAddress(text)) { try ListenAddress(text) }
  }
}

@Test(arguments: ["0.0.0.0:0", "[::]:0"]) func otherMachinesNeedLeave(_ text: String) async throws {
  var configuration = PeerConfiguration()
  configuration.listen = try ListenAddress(text)
  await #expect(throws: PeerError.remoteWithoutCredentials(configuration.listen)) {
    _ = try await PeerServer.bind(library(ToyModel()), configuration: configuration, logger: silent)
  }
}

@Test func insecureRemoteIsServedWhenAllowed() async throws {
  try await withServer(
    ToyModel(),
    configure: {
      $0.listen = ListenAddress(host: "0.0.0.0", port: 0)
      $0.allowsInsecureRemote = true
    }
  ) { server, _ in
    #expect(server.address.port != 0)
  }
}

@Test func aPortInUseIsTold() async throws {
  let listener = openListener()
  var configuration = PeerConfiguration()
  configuration.listen = ListenAddress(host: "127.0.0.1", port: listener.port)
  await #expect(throws: PeerError.self) {
    _ = try await PeerServer.bind(library(ToyModel()), configuration: configuration, logger: silent)
  }
}
