import CPosix
package import Randomness

/// Decodes the samples of a stream on a second thread, ahead of whoever takes them. What comes, and in which order, does not depend on the
/// threads' speed. To be used by one thread at a time.
package final class Loader<Item: Sendable> {
  /// Makes an item of a sample. `random` is `CounterRandom(seed:epoch:key:)` of the stream's seed, the epoch and the sample's key, so that
  /// what was drawn can be drawn again.
  package typealias Decode = @Sendable (_ sample: Sample, _ random: inout CounterRandom) throws(SampleFault) -> Item

  /// What the thread hands over.
  private struct Batch: Sendable {
    var items: [Item] = []
    /// Each sample's key, with its fault if it is bad.
    var samples: [(key: String, fault: SampleFault?)] = []
    let end: SampleCursor
  }

  private let limit: FaultLimit
  private let queue: HandOver<Result<Batch?, DatasetError>>
  private let thread: posix_thread
  /// How it ended, if it did.
  private var ending: Result<Void, DatasetError>?

  /// Behind the batch that `next` gave last: a stream from here goes on with the next one.
  package private(set) var cursor: SampleCursor
  /// What was bad among the samples of the batches so far.
  package private(set) var faults = FaultTally()

  /// - Parameter ahead: How many batches may lie ready, 1 or more.
  package init(
    _ stream: SampleStream, ahead: Int = 2, limit: FaultLimit = FaultLimit(), decode: @escaping Decode
  ) throws(DatasetError) {
    precondition(ahead > 0, "a queue has room")
    let queue = HandOver<Result<Batch?, DatasetError>>(room: ahead)
    (self.limit, self.queue, cursor) = (limit, queue, stream.cursor)
    thread = try startThread {
      var stream = stream
      while queue.put(Self.batch(of: &stream, decode)) {}
    }
  }

  deinit {
    queue.close()
    posix_thread_join(thread)
  }

  /// Those of the batches that follow, `count` at most.
  package func next(atMost count: Int) throws(DatasetError) -> [Item] {
    var items: [Item] = []
    while items.count < count, let batch = try next() { items += batch }
    return Array(items.prefix(count))
  }

  /// The next batch without its bad samples, so it may be smaller; nil at the end of what is not shuffled.
  ///
  /// - Throws: `tooManyFaults`, and what is wrong with a shard. Then nothing more comes.
  package func next() throws(DatasetError) -> [Item]? {
    while ending == nil {
      do throws(DatasetError) {
        if let items = try take(), !items.isEmpty { return items }
      } catch {
        ending = .failure(error)
      }
    }
    try ending?.get()
    return nil
  }

  private func take() throws(DatasetError) -> [Item]? {
    guard let batch = try queue.take().get() else {
      ending = .success(())
      try faults.check(limit, isOver: true)
      return nil
    }
    cursor = batch.end
    for sample in batch.samples { faults.count(sample.key, sample.fault) }
    try faults.check(limit)
    return batch.items
  }

  private static func batch(of stream: inout SampleStream, _ decode: Decode) -> Result<Batch?, DatasetError> {
    Result { () throws(DatasetError) in
      guard let next = try stream.next() else { return nil }
      var batch = Batch(end: next.end)
      for place in next.places {
        var random = CounterRandom(seed: stream.seed, epoch: next.epoch, key: place.key)
        let sample = try place.read()
        do throws(SampleFault) {
          batch.items.append(try decode(sample, &random))
          batch.samples.append((place.key, nil))
        } catch {
          batch.samples.append((place.key, error))
        }
      }
      return batch
    }
  }
}

extension CounterRandom {
  /// The numbers of a sample in an epoch. The key counts by its hash (FNV-1a).
  package init(seed: UInt64, epoch: Int, key: String) {
    let hash = key.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    self.init(seed: seed, stream: hash ^ UInt64(epoch) &* 0x9E37_79B9_7F4A_7C15)
  }
}

/// Runs the body on a thread of its own, which has to be joined.
private func startThread(_ body: @escaping @Sendable () -> Void) throws(DatasetError) -> posix_thread {
  let start = unsafe Unmanaged.passRetained(ThreadBody(run: body))
  var thread = posix_thread()
  let status = unsafe posix_thread_start(&thread, threadMain, start.toOpaque())
  guard status == 0 else {
    unsafe start.release()
    throw .noThread(number: status)
  }
  return thread
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void

  init(run: @escaping @Sendable () -> Void) { self.run = run }
}

private func threadMain(_ start: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let start = unsafe start else { return nil }
  unsafe Unmanaged<ThreadBody>.fromOpaque(start).takeRetainedValue().run()
  return nil
}
