package import Dataset
package import JSONFormat
package import Randomness

/// What the shards of a reinforced set hold of a teacher: for each sample its outputs for the sample changed in several ways, so that a
/// student learns without the teacher. (Faghri et al. 2023; Vasu et al. 2024, MobileCLIP)
package struct TeacherDescription: Hashable, Sendable {
  package struct Output: Hashable, Sendable {
    package let name: String
    package let width: Int

    package init(name: String, width: Int) { (self.name, self.width) = (name, width) }
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
        value: .object(outputs.map { .init(key: $0.name, value: .integer($0.width)) })),
    ])
  }

  /// Bytes of a sample's member: two for each number, little-endian, variant after variant.
  private var byteCount: Int { 2 * variants * width }

  private var width: Int { outputs.reduce(0) { $0 + $1.width } }
}

extension TeacherDescription {
  /// The member of a sample, from the outputs of each variant; one that a variant lacks is zeros.
  package func bytes(of variants: [[String: [Float]]]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    for variant in variants {
      for output in outputs {
        let values = variant[output.name] ?? [Float](repeating: 0, count: output.width)
        for value in values {
          let bits = Float16(value).bitPattern
          bytes.append(UInt8(truncatingIfNeeded: bits))
          bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
        }
      }
    }
    return bytes
  }

  /// The outputs of a variant.
  package func outputs(of sample: Sample, variant: Int) throws(SampleFault) -> [String: [Float]] {
    let bytes = try sample.bytes(Self.member)
    guard bytes.count == byteCount else { throw .badMetadata(field: Self.member, expected: "\(byteCount) bytes, as \(Self.file) tells") }
    var place = 2 * variant * width
    var found: [String: [Float]] = [:]
    for output in outputs {
      found[output.name] = (0..<output.width).map { index in
        Float(Float16(bitPattern: UInt16(bytes[place + 2 * index]) | UInt16(bytes[place + 2 * index + 1]) << 8))
      }
      place += 2 * output.width
    }
    return found
  }
}
