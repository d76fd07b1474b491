import Split
import TestSupport
import Wire

extension SeededGenerator {
  /// True once in `count` times.
  mutating func once(in count: Int) -> Bool {
    Int.random(in: 0..<count, using: &self) == 0
  }
}

extension BundleContract {
  /// Two split points of a toy bundle; `mark` tells bundles apart.
  static func toy(mark: UInt8 = 1) -> BundleContract {
    guard let hash = BundleHash(Array(repeating: mark, count: 32)) else { fatalError("a hash is 32 bytes") }
    return BundleContract(
      hash: hash, maximumSequence: 32,
      splits: [
        SplitContract(name: "embeddings", crossings: [.rows(8)]), SplitContract(name: "encoder.0", crossings: [.rows(4)]),
      ],
      outputs: [TensorContract(width: 6, parts: [.init(inputs: 1, fixedRows: 1, rowsPerToken: 0)])])
  }

  /// The size of the features of a request for the toy.
  func featureBytes(split: UInt16, sequence: UInt16) -> Int? { featureBytes(split: split, sequence: sequence, present: 1) }

  /// What the toy model answers.
  func answer(split: UInt16, features: [UInt8]) -> [UInt8] {
    (0..<resultBytes(sequence: 1, present: 1)).map { features[$0 % features.count] &+ UInt8($0) &+ UInt8(split) }
  }
}

extension TensorContract {
  /// A row a token of the first input.
  static func rows(_ width: Int) -> TensorContract {
    TensorContract(width: width, parts: [.init(inputs: 1, rowsPerToken: 1)])
  }
}

extension Moment {
  static let start = Moment(nanoseconds: 1_000)
}

extension SplitRequest {
  /// A raw request that fits the toy bundle.
  static func toy(split: UInt16 = 0, sequence: UInt16 = 4, now: Moment = .start, milliseconds: UInt32 = 2_000) -> SplitRequest {
    let count = BundleContract.toy().featureBytes(split: split, sequence: sequence) ?? 0
    let features = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 3) }
    return SplitRequest(
      .features(features, split: split), sequence: sequence, present: 1, deadline: now.adding(milliseconds: milliseconds))
  }
}

extension PeerResult {
  /// What a peer made of a job.
  static func toy(_ body: [UInt8], _ job: PeerJob, _ features: [UInt8]) -> PeerResult {
    PeerResult(body: body, sequence: job.sequence, features: features)
  }
}

extension DeviceSession {
  /// `received`, in a form that `#expect` can take apart.
  mutating func take(_ bytes: some Collection<UInt8>, now: Moment) -> [DeviceAction] {
    received(Array(bytes).span, now: now)
  }
}

extension PeerSession {
  /// `received`, in a form that `#expect` can take apart.
  mutating func take(_ bytes: some Collection<UInt8>, now: Moment) -> [PeerAction] {
    received(Array(bytes).span, now: now)
  }
}
