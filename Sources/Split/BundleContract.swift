package import ModelGraph
package import Wire

/// What both sides know of a bundle without asking each other: every size on the wire follows from it.
package struct BundleContract: Sendable, Equatable {
  /// The SHA-256 of the bundle file.
  package let hash: BundleHash
  /// The most tokens in a request, 1...65,535.
  package let maximumSequence: UInt16
  /// In the bundle's order: a request names its split point by the index here.
  package let splits: [SplitContract]
  /// What the model's main path puts out.
  package let outputs: [TensorContract]

  package init(hash: BundleHash, maximumSequence: UInt16, splits: [SplitContract], outputs: [TensorContract]) {
    self.hash = hash
    self.maximumSequence = maximumSequence
    self.splits = splits
    self.outputs = outputs
  }

  /// What a model promises. `hash` is an opened bundle's, of 32 bytes. A model of more than 16 inputs, for which requests have no room, has
  /// no split points.
  package init(hash: [UInt8], graph: Graph) {
    guard let hash = BundleHash(hash) else { preconditionFailure("a bundle's hash has \(BundleHash.size) bytes") }
    let streams = Streams(graph)
    let tensor = { TensorContract(width: graph[$0].shape.width ?? 0, streams: streams, of: $0) }
    self.init(
      hash: hash, maximumSequence: UInt16(clamping: graph.limits.sequence),
      splits: graph.inputs.count > UInt16.bitWidth
        ? [] : graph.splitPoints.map { SplitContract(name: $0.name, crossings: $0.tensors.map(tensor)) },
      outputs: graph.outputs(of: .main).map(tensor))
  }

  /// The split point of that name.
  package func split(named name: String) -> UInt16? {
    splits.firstIndex { $0.name == name }.flatMap { UInt16(exactly: $0) }
  }

  /// What a split point is called, and `Handover.rawName` where the inputs go as they came.
  package func name(ofSplit split: UInt16) -> String {
    Int(split) < splits.count ? splits[Int(split)].name : Handover.rawName
  }

  /// The size of the features before compression: for each tensor that crosses, of n rows, n·width codes, n ranges of 16 bits and n zero
  /// points. Nil if there is no such split point, the sequence is out of range, or the inputs reach nothing that crosses.
  package func featureBytes(split: UInt16, sequence: UInt16, present: UInt16) -> Int? {
    guard Int(split) < splits.count, (1...maximumSequence).contains(sequence) else { return nil }
    let bytes = splits[Int(split)].crossings.reduce(0) { $0 + $1.rows(sequence: sequence, present: present) * ($1.width + 3) }
    return bytes > 0 ? bytes : nil
  }

  /// Rows of the features; 0 where there is no such split point.
  package func featureRows(split: UInt16, sequence: UInt16, present: UInt16) -> Int {
    guard Int(split) < splits.count else { return 0 }
    return splits[Int(split)].crossings.reduce(0) { $0 + $1.rows(sequence: sequence, present: present) }
  }

  /// The size of an answer: the float32 rows of each output that the inputs reach.
  package func resultBytes(sequence: UInt16, present: UInt16) -> Int {
    outputs.reduce(0) { $0 + $1.rows(sequence: sequence, present: present) * $1.width * 4 }
  }

  /// The inputs that a request may bring, a bit each.
  var inputs: UInt16 {
    (outputs + splits.flatMap { $0.crossings }).reduce(0) { all, tensor in tensor.parts.reduce(all) { $0 | $1.inputs } }
  }

  /// The largest answer.
  var maximumResultBytes: Int { resultBytes(sequence: maximumSequence, present: .max) }

  /// The largest features of any split point.
  var maximumFeatureBytes: Int {
    splits.indices.compactMap { featureBytes(split: UInt16($0), sequence: maximumSequence, present: .max) }.max() ?? 0
  }
}

/// One split point.
package struct SplitContract: Sendable, Equatable {
  /// The last segment that runs on the device.
  package let name: String
  package let crossings: [TensorContract]

  package init(name: String, crossings: [TensorContract]) {
    self.name = name
    self.crossings = crossings
  }
}

/// A tensor that crosses the wire: how many rows it has depends on the request.
package struct TensorContract: Sendable, Equatable {
  /// Rows that stand for some of the inputs.
  package struct Part: Sendable, Equatable {
    /// The inputs, a bit each: without any of them there are none of these rows.
    package let inputs: UInt16
    package let fixedRows: Int
    package let rowsPerToken: Int

    package init(inputs: UInt16, fixedRows: Int = 0, rowsPerToken: Int) {
      self.inputs = inputs
      self.fixedRows = fixedRows
      self.rowsPerToken = rowsPerToken
    }
  }

  /// Elements of a row.
  package let width: Int
  package let parts: [Part]

  package init(width: Int, parts: [Part]) {
    self.width = width
    self.parts = parts
  }

  init(width: Int, streams: Streams, of tensor: TensorID) {
    self.init(
      width: width,
      parts: streams.parts(of: streams[tensor]).map { stream in
        let one = streams.most(stream, sequence: 1)
        let more = streams.most(stream, sequence: 2) - one
        return Part(inputs: UInt16(truncatingIfNeeded: streams[stream].inputs), fixedRows: one - more, rowsPerToken: more)
      })
  }

  package func rows(sequence: UInt16, present: UInt16) -> Int {
    parts.reduce(0) { $1.inputs & present == 0 ? $0 : $0 + $1.fixedRows + $1.rowsPerToken * Int(sequence) }
  }
}
