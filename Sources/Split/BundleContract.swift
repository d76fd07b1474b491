package import ModelGraph
package import Wire

/// What both sides know of a bundle without asking each other: every size on the wire follows from it.
package struct BundleContract: Sendable, Equatable {
  /// The SHA-256 of the bundle file.
  package let hash: BundleHash
  /// The most rows in a request, 1...65,535.
  package let maximumSequence: UInt16
  /// In the bundle's order: a request names its split point by the index here.
  package let splits: [SplitContract]

  package init(hash: BundleHash, maximumSequence: UInt16, splits: [SplitContract]) {
    self.hash = hash
    self.maximumSequence = maximumSequence
    self.splits = splits
  }

  /// What a model promises: the sizes at its split points and of its output, a float32 vector. `hash` is an opened bundle's, of 32 bytes.
  package init(hash: [UInt8], graph: Graph) {
    guard let hash = BundleHash(hash) else { preconditionFailure("a bundle's hash has \(BundleHash.size) bytes") }
    let outputs = graph.outputs.first.flatMap { graph[$0].shape.elementCount(batch: 1, sequence: 1) } ?? 0
    self.init(
      hash: hash, maximumSequence: UInt16(clamping: graph.limits.sequence),
      splits: graph.splitPoints.map {
        // One row more a token, however many rows there are without any.
        let bytes = (graph.featureByteCount(at: $0, sequence: 1), graph.featureByteCount(at: $0, sequence: 2))
        let bytesPerToken = bytes.1 - bytes.0
        return SplitContract(
          name: $0.name, fixedBytes: bytes.0 - bytesPerToken, bytesPerToken: bytesPerToken, resultBytes: outputs * 4)
      })
  }

  /// The split point of that name.
  package func split(named name: String) -> UInt16? {
    splits.firstIndex { $0.name == name }.flatMap { UInt16(exactly: $0) }
  }

  /// The size of the features before compression; nil if there is no such split point or the sequence is out of range.
  package func featureBytes(split: UInt16, sequence: UInt16) -> Int? {
    guard Int(split) < splits.count, sequence > 0, sequence <= maximumSequence else { return nil }
    return splits[Int(split)].featureBytes(sequence: sequence)
  }

  /// The largest answer of any split point.
  var maximumResultBytes: Int {
    splits.map { $0.resultBytes }.max() ?? 0
  }

  /// The largest features of any split point.
  var maximumFeatureBytes: Int {
    splits.compactMap { $0.featureBytes(sequence: maximumSequence) }.max() ?? 0
  }
}

/// The sizes at one split point.
package struct SplitContract: Sendable, Equatable {
  /// The last segment that runs on the device.
  package let name: String
  /// Feature bytes whatever the sequence, at most 1 GiB.
  package let fixedBytes: Int
  /// Feature bytes for each token of the sequence, at most 1 MiB.
  package let bytesPerToken: Int
  /// Bytes of the peer's answer.
  package let resultBytes: Int

  package init(name: String, fixedBytes: Int = 0, bytesPerToken: Int, resultBytes: Int) {
    self.name = name
    self.fixedBytes = fixedBytes
    self.bytesPerToken = bytesPerToken
    self.resultBytes = resultBytes
  }

  func featureBytes(sequence: UInt16) -> Int? {
    let (bytes, overflow) = bytesPerToken.multipliedReportingOverflow(by: Int(sequence))
    let (total, overflows) = bytes.addingReportingOverflow(fixedBytes)
    return overflow || overflows ? nil : total
  }
}
