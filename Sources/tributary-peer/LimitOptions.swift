import ArgumentParser
import Peer

/// What one device may take of the peer.
struct LimitOptions: ParsableArguments {
  @Option(help: "Connections at a time.")
  var clientConnections = ClientLimits().connections

  @Option(help: "Requests under way.")
  var clientRequests = ClientLimits().requests

  @Option(help: "Memory for those and their answers, in MiB.")
  var clientMemory = ClientLimits().memory >> 20

  func validate() throws {
    for (flag, value) in [
      ("connections", clientConnections), ("requests", clientRequests), ("memory", clientMemory),
    ] where !(1...65535).contains(value) {
      throw ValidationError("--client-\(flag) wants a number from 1 to 65535, not \(value)")
    }
  }

  var limits: ClientLimits {
    var limits = ClientLimits()
    limits.connections = clientConnections
    limits.requests = clientRequests
    limits.memory = clientMemory << 20
    return limits
  }
}
