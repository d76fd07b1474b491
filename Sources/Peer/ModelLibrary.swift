package import Logging
import Split
import Synchronization
import Wire

/// The models that a peer offers, each from a file that can be opened anew. A model lives until the last session that was offered it ends.
package final class ModelLibrary: Sendable {
  /// Opens a file and checks all of it.
  package typealias Opener = @Sendable (_ path: String) throws -> any FusionModel

  private let paths: [String]
  private let open: Opener
  private let logger: Logger
  private let state: Mutex<[any FusionModel]>

  /// Opens the files, one or more.
  package init(_ paths: [String], logger: Logger, open: @escaping Opener) throws {
    precondition(!paths.isEmpty, "a peer serves at least one model")
    self.paths = paths
    self.open = open
    self.logger = logger
    state = Mutex(try paths.map(open))
  }

  /// What a new connection may choose from.
  var models: [any FusionModel] { state.withLock { $0 } }

  /// Logs what is on offer.
  func announce() {
    for (path, model) in zip(paths, models) {
      logger.info("serving", metadata: ["bundle": "\(path)", "hash": "\(model.contract.hash.prefix)"])
    }
  }

  /// Opens the files again, aside, and then offers to new sessions those that have changed. Where a file is of no use the old model stays.
  func reload() {
    for (place, path) in paths.enumerated() {
      do {
        let model = try open(path)
        let isNew = state.withLock { models in
          guard models[place].contract.hash != model.contract.hash else { return false }
          models[place] = model
          return true
        }
        logger.info(
          isNew ? "bundle reloaded" : "bundle unchanged", metadata: ["bundle": "\(path)", "hash": "\(model.contract.hash.prefix)"])
      } catch {
        logger.error("bundle not reloaded: the old one stays", metadata: ["bundle": "\(path)", "reason": "\(error)"])
      }
    }
  }
}
