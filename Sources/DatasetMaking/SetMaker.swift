import Dataset
import Foundation
import JSONFormat
import Synchronization

/// Writes a set into a directory, on all processors. A shard appears when it is whole; what was stopped goes on with the shards that are
/// missing.
package struct SetMaker: Sendable {
  private struct Shard {
    let split: Int
    let index: Int
    let samples: Range<Int>
  }

  /// Samples of a shard.
  private static let shardSize = 512

  private let source: any SampleSource
  private let directory: String
  private let description: DatasetDescription
  private let shards: [Shard]

  /// How many shards there are.
  package var shardCount: Int { shards.count }

  package init(_ source: any SampleSource, directory: String) {
    (self.source, self.directory) = (source, directory)
    var (description, shards): (DatasetDescription, [Shard]) = (source.description, [])
    for (split, content) in description.splits.enumerated() {
      let starts = Array(stride(from: 0, to: content.samples, by: Self.shardSize))
      description.splits[split].shards = starts.count
      shards += starts.enumerated().map { index, start in
        Shard(split: split, index: index, samples: start..<min(start + Self.shardSize, content.samples))
      }
    }
    (self.description, self.shards) = (description, shards)
  }

  /// - Parameter progress: Called for each shard that is there, from any thread, one at a time.
  package func make(progress: @Sendable () -> Void) throws(MakingError) {
    try writeDescription()
    let failure = Mutex<MakingError?>(nil)
    let turn = Mutex(())
    DispatchQueue.concurrentPerform(iterations: shards.count) { number in
      guard failure.withLock({ $0 == nil }) else { return }
      do throws(MakingError) {
        try make(shards[number])
        turn.withLock { _ in progress() }
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  /// The description stands first: it tells what the shards belong to.
  private func writeDescription() throws(MakingError) {
    let (path, bytes) = (self.path(DatasetDirectory.descriptionName), Array((description.json.text + "\n").utf8))
    if let found = FileManager.default.contents(atPath: path) {
      guard Array(found) == bytes else { throw .otherSet(directory: directory) }
      return
    }
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw .unwritable(path: directory, reason: "the directory cannot be made")
    }
    try write(bytes, to: path)
  }

  private func make(_ shard: Shard) throws(MakingError) {
    let path = self.path(DatasetDirectory.shardName(description.splits[shard.split].name, shard.index))
    guard !FileManager.default.fileExists(atPath: path) else { return }
    var writer = TarWriter()
    for index in shard.samples {
      let sample = try source.sample(split: shard.split, index: index)
      for (member, bytes) in sample.members.sorted(by: { $0.key < $1.key }) { writer.append("\(sample.key).\(member)", bytes) }
    }
    try write(writer.finish(), to: path)
  }

  private func path(_ name: String) -> String { directory + "/" + name }

  /// Whole or not at all.
  private func write(_ bytes: [UInt8], to path: String) throws(MakingError) {
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw .unwritable(path: path, reason: "it cannot be written")
    }
  }
}
