import Logging
import NIOCore
import Split
import Wire

/// What every new connection of a peer comes to.
struct Reception: Sendable {
  let library: ModelLibrary
  let settings: PeerSettings
  let connections: Connections
  let worker: InferenceWorker
  let counter: MetricsCounter
  let arrivals: SparseLog
  let refusals: SparseLog

  /// Gives a client's connection its session, or the reason why it gets none. Called on the channel's event loop.
  func greet(_ channel: any Channel, _ client: Client) throws {
    switch connections.admit(channel, of: client) {
    case .serve(let number):
      counter.update { $0.connections += 1 }
      counter.update(client) { $0.connections += 1 }
      arrivals.write(["client": "\(client)"])
      let models = library.models
      let session = PeerSession(catalog: models.map(\.contract), settings: settings, session: number, now: .now)
      let handler = SessionHandler(
        session: session, models: models, client: client, connections: connections, worker: worker, metrics: counter)
      try channel.pipeline.syncOperations.addHandler(handler)
    case .tooMany:
      counter.update { $0.refusedConnections += 1 }
      counter.update(client) { $0.refusals += 1 }
      refusals.write(["client": "\(client)"])
      try turnAway(channel, .busy)
    case .draining:
      try turnAway(channel, .draining)
    }
  }

  private func turnAway(_ channel: any Channel, _ code: PeerErrorCode) throws {
    let bundle: BundlePrefix = library.models.first?.contract.hash.prefix ?? .none
    try channel.pipeline.syncOperations.addHandler(TurnAwayHandler(code: code, bundle: bundle))
  }
}
