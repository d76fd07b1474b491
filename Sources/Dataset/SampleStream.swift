import Randomness

/// In which order samples come.
package enum SampleOrder: Hashable, Sendable {
  /// As they lie in the shards, once; the last batch may be smaller.
  case stored
  /// Epoch after epoch without end. An epoch takes its shards in a random order and each sample at random from the next `window` ones.
  /// Samples that fill no batch at an epoch's end are left out. In `distinct` batches no concept comes twice: a second one waits.
  case shuffled(window: Int = 8192, distinct: Bool = false)
}

/// How far a stream is: all that a training has to keep to go on with the same samples.
package struct SampleCursor: Hashable, Sendable {
  package var epoch: Int
  /// Batches taken of this epoch.
  package var batches: Int

  package init(epoch: Int = 0, batches: Int = 0) { (self.epoch, self.batches) = (epoch, batches) }
}

/// Samples of shards in batches, in an order that depends on the seed alone. Only the headers of what lies ahead are read, and the bytes of
/// a sample when it comes; so a stream that begins at a later cursor is there soon.
package struct SampleStream: Sendable {
  /// The samples of a batch, and where the stream is behind it.
  struct Batch {
    let places: [SamplePlace]
    let epoch: Int
    let end: SampleCursor
  }

  let seed: UInt64
  private let shards: [String]
  private let order: SampleOrder
  private let size: Int
  /// Behind the last batch.
  package private(set) var cursor: SampleCursor
  private var epoch: Epoch

  /// - Parameters:
  ///   - shards: Paths of tar files.
  ///   - batch: Samples of a batch, 1 or more.
  ///   - cursor: Where to begin: what came before is passed over.
  /// - Throws: `unknownCursor`, `damagedShard` and `unreadable`.
  package init(
    shards: [String], order: SampleOrder, batch: Int, seed: UInt64, from cursor: SampleCursor = SampleCursor()
  ) throws(DatasetError) {
    precondition(batch > 0, "a batch has samples")
    guard cursor.epoch >= 0, cursor.batches >= 0, cursor.epoch == 0 || order != .stored else { throw .unknownCursor(cursor) }
    (self.shards, self.order, size, self.seed) = (shards, order, batch, seed)
    self.cursor = SampleCursor(epoch: cursor.epoch)
    epoch = Epoch(shards: shards, order: order, random: CounterRandom(seed: seed, stream: UInt64(cursor.epoch)))
    while self.cursor != cursor {
      guard let passed = try next(), passed.epoch == cursor.epoch else { throw .unknownCursor(cursor) }
    }
  }

  /// The next batch; nil at the end of what is not shuffled.
  mutating func next() throws(DatasetError) -> Batch? {
    var places = try epoch.take(size)
    if case .shuffled(_, let distinct) = order, places.count < size {
      guard cursor.batches > 0 else { throw .tooFewSamples(found: places.count, batch: size, areDistinct: distinct) }
      cursor = SampleCursor(epoch: cursor.epoch + 1)
      epoch = Epoch(shards: shards, order: order, random: CounterRandom(seed: seed, stream: UInt64(cursor.epoch)))
      places = try epoch.take(size)
      guard places.count == size else { throw .tooFewSamples(found: places.count, batch: size, areDistinct: distinct) }
    }
    guard !places.isEmpty else { return nil }
    cursor.batches += 1
    return Batch(places: places, epoch: cursor.epoch, end: cursor)
  }
}

/// One pass over the shards.
private struct Epoch {
  private var shards: ArraySlice<String>
  private var shard: ShardReader?
  private let order: SampleOrder
  private var random: CounterRandom
  /// Samples that may come next.
  private var window: [SamplePlace] = []

  init(shards: [String], order: SampleOrder, random: CounterRandom) {
    (self.order, self.random) = (order, random)
    self.shards = order == .stored ? shards[...] : shards.shuffled(using: &self.random)[...]
  }

  /// As many samples as there are, `count` at most.
  mutating func take(_ count: Int) throws(DatasetError) -> [SamplePlace] {
    switch order {
    case .stored:
      var places: [SamplePlace] = []
      while places.count < count, let place = try read() { places.append(place) }
      return places
    case .shuffled(let capacity, let distinct): return try draw(count, from: max(1, capacity), distinct: distinct)
    }
  }

  private mutating func draw(_ count: Int, from capacity: Int, distinct: Bool) throws(DatasetError) -> [SamplePlace] {
    var places: [SamplePlace] = []
    var concepts: Set<Int> = []
    var waiting: [SamplePlace] = []
    while places.count < count {
      while window.isEmpty || window.count + waiting.count < capacity, let place = try read() { window.append(place) }
      guard !window.isEmpty else { break }
      window.swapAt(Int.random(in: window.indices, using: &random), window.count - 1)
      let place = window.removeLast()
      if distinct, let concept = try place.concept(), !concepts.insert(concept).inserted {
        waiting.append(place)
      } else {
        places.append(place)
      }
    }
    window += waiting
    return places
  }

  /// The next sample in the order of the shards.
  private mutating func read() throws(DatasetError) -> SamplePlace? {
    while true {
      if let place = try shard?.next() { return place }
      guard let path = shards.popFirst() else { return nil }
      shard = try ShardReader(path)
    }
  }
}
