/// Why a set of samples cannot be read, or not any further.
package enum DatasetError: Error, Equatable {
  case unreadable(file: String, reason: String)
  /// A shard breaks the format of tar at that byte.
  case damagedShard(file: String, offset: Int, field: String)
  /// A field of `dataset.json` is missing or has an impossible value.
  case badDescription(file: String, field: String, expected: String)
  /// The set has no such split.
  case unknownSplit(String, known: [String])
  /// A shuffled epoch has no whole batch.
  case tooFewSamples(found: Int, batch: Int, areDistinct: Bool)
  /// The samples do not reach to where a training stopped, so they are not those that it began with.
  case unknownCursor(SampleCursor)
  /// More samples are bad than allowed.
  case tooManyFaults(FaultTally, limit: FaultLimit)
  case noThread(number: Int32)
}

extension DatasetError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let file, let reason): "\(file): \(reason)"
    case .damagedShard(let file, let offset, let field): "\(file): byte \(offset): \(field): this is no whole tar file: copy it again"
    case .badDescription(let file, let field, let expected): "\(file): '\(field)' should be \(expected)"
    case .unknownSplit(let name, let known): "there is no split '\(name)': the set has \(known.joined(separator: ", "))"
    case .tooFewSamples(let found, let batch, false): "\(found) samples fill no batch of \(batch)"
    case .tooFewSamples(let found, let batch, true): "samples of \(found) concepts fill no batch of \(batch) different ones"
    case .unknownCursor(let cursor):
      "there is no batch \(cursor.batches) in epoch \(cursor.epoch): set, batch or seed are not those that the training began with"
    case .tooManyFaults(let tally, let limit):
      "\(tally.bad) of \(tally.seen) samples are bad, more than \(limit.percent) %: \(tally.summary)"
    case .noThread(let number): "no thread could be started (error \(number))"
    }
  }
}
