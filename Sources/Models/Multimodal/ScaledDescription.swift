import JSONFormat

extension Field {
  /// The fields of a model that is narrower and less deep by a factor between 0 and 1 (Tan, Le 2019): widths of convolutions in steps of 8,
  /// those of transformers by whole heads, layers and blocks at least one. Bottlenecks, embeddings and inputs stay.
  package func scaled(by factor: Double) throws(ImportError) -> Field {
    guard factor < 1 else { return self }
    var scaled = self
    for part in MultimodalDescription.parts where !self[part].isAbsent {
      let fields = self[part]
      for key in ["first", "last"] where !fields[key].isAbsent {
        scaled = scaled.replacing("\(part).\(key)", with: .integer(Self.channels(try fields[key].integer(1...16384), factor)))
      }
      if !fields["widths"].isAbsent {
        let widths = try fields["widths"].integers(1...16384, atMost: 32)
        scaled = scaled.replacing("\(part).widths", with: .array(widths.map { .integer(Self.channels($0, factor)) }))
      }
      for (key, isList) in [("layers", false), ("depths", true)] where !fields[key].isAbsent {
        let counts = try isList ? fields[key].integers(1...256, atMost: 32) : [fields[key].integer(0...256)]
        let fewer = counts.map { $0 == 0 ? 0 : max(1, Int((Double($0) * factor).rounded())) }
        scaled = scaled.replacing("\(part).\(key)", with: isList ? .array(fewer.map { .integer($0) }) : .integer(fewer[0]))
      }
      scaled = try scaled.narrowHeads(of: part, factor)
    }
    return scaled
  }

  /// Without a member.
  package func without(_ key: String) -> Field {
    guard case .object(let members)? = value else { return self }
    return Field(file: file, path: path, value: .object(members.filter { $0.key != key }))
  }

  private static func channels(_ count: Int, _ factor: Double) -> Int {
    min(count, max(8, Int((Double(count) * factor / 8).rounded()) * 8))
  }

  /// Fewer heads of the same width, and what hangs on their number.
  private func narrowHeads(of part: String, _ factor: Double) throws(ImportError) -> Field {
    let fields = self[part]
    guard !fields["heads"].isAbsent else { return self }
    let key = fields["hidden"].isAbsent ? "width" : "hidden"
    let (width, heads) = (try fields[key].integer(1...16384), try fields["heads"].integer(1...16384))
    let fewer = max(1, Int((Double(heads) * factor).rounded()))
    let narrow = max(1, width / heads) * fewer
    var scaled = replacing("\(part).heads", with: .integer(fewer)).replacing("\(part).\(key)", with: .integer(narrow))
    if !fields["inner"].isAbsent {
      scaled = scaled.replacing("\(part).inner", with: .integer(Self.channels(try fields["inner"].integer(1...65536), factor)))
    }
    if !fields["position_groups"].isAbsent {
      let groups = try fields["position_groups"].integer(1...16384)
      scaled = scaled.replacing("\(part).position_groups", with: .integer((1...groups).last { narrow % $0 == 0 } ?? 1))
    }
    return scaled
  }
}
