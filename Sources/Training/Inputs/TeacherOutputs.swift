package import Dataset
package import JSONFormat
package import Randomness

/// What the shards of a reinforced set hold of a teacher: for each sample its outputs for the sample changed in several ways, so that a
/// student learns without the teacher. (Faghri et al. 2023; Vasu et al. 2024, MobileCLIP)
package struct TeacherDescription: Hashable, Sendable {
  package struct Output: Hashable, Sendable {
    package let name: String
    package let width: Int
    /// Whether it has a row for each of an encoder's, however many; else it has one.
    package let hasRows: Bool

    package init(name: String, width: Int, hasRows: Bool = false) { (self.name, self.width, self.hasRows) = (name, width, hasRows) }
  }

  /// Which teacher it was, by what tells it from others.
  package let teacher: String
  /// With sample's key and variant, what changes are drawn with.
  package let seed: UInt64
  /// How often each sample was changed.
  package let variants: Int
  package let outputs: [Output]

  /// The file of a reinforced set's directory, and the member of its samples.
  package static let file = "teacher.json"
  package static let member = "teacher"

  package init(teacher: String, seed: UInt64, variants: Int, outputs: [Output]) {
    (self.teacher, self.seed, self.variants, self.outputs) = (teacher, seed, variants, outputs)
  }

  /// What a variant of a sample is changed with.
  package func random(variant: Int, key: String) -> CounterRandom { CounterRandom(seed: seed, epoch: variant, key: key) }

  package var json: Json {
    .object([
      .init(key: "teacher", value: .string(teacher)), .init(key: "seed", value: .integer(Int(truncatingIfNeeded: seed))),
      .init(key: "variants", value: .integer(variants)),
      .init(
        key: "outputs",
        value: .object(
          outputs.map {
            .init(key: $0.name, value: $0.hasRows ? .object([.init(key: "rows", value: .integer($0.width))]) : .integer($0.width))
          })),
    ])
  }
}

// A sample's member: variant after variant the numbers of each output in 16 bits, little-endian, behind the count of rows in 16 bits where
// the output has any number of them.
extension TeacherDescription {
  /// The member of a sample, from the outputs of each variant; one that a variant lacks is zeros, or no rows.
  package func bytes(of variants: [[String: [Float]]]) -> [UInt8] {
    var bytes: [UInt8] = []
    func append(_ bits: UInt16) {
      bytes.append(UInt8(truncatingIfNeeded: bits))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
    }
    for variant in variants {
      for output in outputs {
        let values = variant[output.name] ?? [Float](repeating: 0, count: output.hasRows ? 0 : output.width)
        if output.hasRows { append(UInt16(values.count / output.width)) }
        for value in values { append(Float16(value).bitPattern) }
      }
    }
    return bytes
  }

  /// The outputs of a variant, row after row.
  package func outputs(of sample: Sample, variant: Int) throws(SampleFault) -> [String: [Float]] {
    let bytes = try sample.bytes(Self.member)
    var place = 0
    func next() throws(SampleFault) -> UInt16 {
      guard place + 2 <= bytes.count else { throw .badMetadata(field: Self.member, expected: "what \(Self.file) tells") }
      defer { place += 2 }
      return UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8
    }
    var found: [String: [Float]] = [:]
    for current in 0..<variants {
      for output in outputs {
        let count = output.width * (output.hasRows ? Int(try next()) : 1)
        guard current == variant else {
          place += 2 * count
          continue
        }
        var values: [Float] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(Float(Float16(bitPattern: try next()))) }
        found[output.name] = values
      }
    }
    guard place == bytes.count else { throw .badMetadata(field: Self.member, expected: "what \(Self.file) tells") }
    return found
  }
}
