import CPosix
import Logging
import NIOSSL
import Split
import Synchronization

/// What the peer's connections use for TLS, made anew when the files change. While new files are of no use, the old ones stay.
final class CertificateStore: Sendable {
  private struct State {
    var context: NIOSSLContext
    var stamps: [posix_file_stamp]
    var checked: Moment
  }

  /// The files are looked at no more often than this.
  private static let checkMilliseconds: UInt32 = 1_000

  private let credentials: PeerCredentials
  private let logger: Logger
  private let state: Mutex<State>

  init(_ credentials: PeerCredentials, logger: Logger) throws(PeerError) {
    self.credentials = credentials
    self.logger = logger
    let stamps = Self.stamps(of: credentials)
    state = Mutex(State(context: try NIOSSLContext(credentials), stamps: stamps, checked: .now))
  }

  /// What a new connection uses.
  var context: NIOSSLContext {
    state.withLock { state in
      let now = Moment.now
      guard now >= state.checked.adding(milliseconds: Self.checkMilliseconds) else { return state.context }
      state.checked = now
      let stamps = Self.stamps(of: credentials)
      if zip(stamps, state.stamps).contains(where: { posix_same_stamp($0, $1) == 0 }) { load(into: &state) }
      return state.context
    }
  }

  /// Reads the files, whether they seem to have changed or not.
  func reload() {
    state.withLock { load(into: &$0) }
  }

  private func load(into state: inout State) {
    state.stamps = Self.stamps(of: credentials)
    do throws(PeerError) {
      state.context = try NIOSSLContext(credentials)
      logger.info("certificates reloaded")
    } catch {
      logger.error("certificates not reloaded: the old ones stay", metadata: ["reason": "\(error)"])
    }
  }

  private static func stamps(of credentials: PeerCredentials) -> [posix_file_stamp] {
    credentials.paths.map { posix_stamp($0) }
  }
}
