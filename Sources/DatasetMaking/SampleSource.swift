package import Dataset
import Randomness

/// What a set is made of. Each sample depends on the source and its place alone, so they are made in any order, on any thread.
package protocol SampleSource: Sendable {
  /// With the number of samples of each split; that of the shards is the maker's.
  var description: DatasetDescription { get }

  /// The sample at that place of the split of that index.
  func sample(split: Int, index: Int) throws(MakingError) -> Sample
}

extension CounterRandom {
  /// The numbers of something that has a name. (FNV-1a)
  init(seed: Int, of name: String) { self.init(seed: UInt64(bitPattern: Int64(seed)), epoch: 0, key: name) }
}
