package import TOMLFormat

/// What a profile tells the planner: the sections of `firmware-profiles/*.toml` that describe a link, a device's energy and a peer, and
/// what `tributary probe` measured.
package struct DeviceProfile: Sendable {
  /// `[link]`: what to expect before there are transfers.
  package let link: LinkEstimate?
  /// `[energy]`
  package let energy: EnergyModel?
  /// `[peer]`: how many times as fast as this device.
  package let peerSpeed: Double?
  /// `[device]`: MiB that the process may use, and processors.
  package let mebibytes: Double?
  package let cores: Int?
  private let file: TOML

  /// Reads the text of a profile; sections may be missing, but not what belongs to one.
  package init(_ text: [UInt8]) throws(ProfileError) {
    do throws(TOMLError) { file = try TOML(text) } catch { throw .syntax(error) }
    link = try file.table(["link"]).map { link throws(ProfileError) in
      let up = try link.number("goodput_mbit_s", above: 0)
      return LinkEstimate(
        roundTripMilliseconds: try link.number("round_trip_ms"), upMegabits: up,
        downMegabits: try link.number("goodput_down_mbit_s", above: 0, default: up))
    }
    energy = try file.table(["energy"]).map { energy throws(ProfileError) in
      EnergyModel(
        idleWatts: try energy.number("idle_w"), busyWatts: try energy.number("busy_w"),
        joulesPerByteSent: try energy.number("sent_uj_byte", default: 0) / 1e6,
        joulesPerByteReceived: try energy.number("received_uj_byte", default: 0) / 1e6,
        tailJoules: try energy.number("tail_j", default: 0))
    }
    peerSpeed = try file.table(["peer"])?.number("speed", above: 0)
    let device = file.table(["device"])
    mebibytes = try device?.optionalNumber("memory_mib")
    cores = try device?.optionalNumber("cores").map { Int(min($0, 1024)) }
  }

  /// `[costs.BUNDLE]`: the costs of a bundle of those segments and inputs, in their order. `bundle` is the first 12 hexadecimal digits of
  /// its hash.
  package func costs(bundle: String, segments: [String], inputs: [String]) throws(ProfileError) -> DeviceCosts {
    let path = ["costs", bundle]
    guard let costs = file.table(path) else { throw .noCosts(bundle: bundle) }
    let sequences = try costs.numbers("sequences").map { Int(min($0, 65_536)) }
    guard let first = sequences.first, let last = sequences.last, first > 0, last < 65_536,
      zip(sequences, sequences.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw costs.fault("sequences", wants: "rising lengths of 1 to 65535") }
    let times = { (part: String, names: [String]) throws(ProfileError) -> [[Double]] in
      guard let section = self.file.table(path + [part]) else { throw .missing(key: part, table: path) }
      var found: [[Double]] = []
      for name in names { found.append(try section.numbers(name, count: sequences.count)) }
      return found
    }
    return DeviceCosts(
      sequences: sequences, segments: try times("segments", segments), preparation: try times("preparation", inputs),
      encoding: try costs.number("encode_us_kib") / 1024)
  }
}

/// What is wrong with a profile.
package enum ProfileError: Error, Sendable, Equatable {
  case syntax(TOMLError)
  case missing(key: String, table: [String])
  /// Nothing was measured for that bundle.
  case noCosts(bundle: String)
  /// A value of another kind or out of range.
  case value(key: String, line: Int, wants: String)

  package var description: String {
    switch self {
    case .syntax(let error): error.description
    case .missing(let key, let table):
      "'" + key + "' is missing in [" + table.dropFirst().reduce(table.first ?? "") { $0 + "." + $1 } + "]"
    case .noCosts(let bundle): "holds no costs of bundle " + bundle + "…: 'tributary probe BUNDLE --out' this file adds them"
    case .value(let key, let line, let wants): "line \(line): '" + key + "' wants " + wants
    }
  }
}

extension TOML.Table {
  private func entry(_ key: String) -> TOML.Entry? { entries.first { $0.key == key } }

  fileprivate func fault(_ key: String, wants: String) -> ProfileError {
    guard let entry = entry(key) else { return .missing(key: key, table: path) }
    return .value(key: key, line: entry.line, wants: wants)
  }

  /// A number of at least 0, or above a bound; or the default where it is not there and there is one.
  fileprivate func number(_ key: String, above bound: Double? = nil, default standard: Double? = nil) throws(ProfileError) -> Double {
    guard let entry = entry(key) else {
      guard let standard else { throw fault(key, wants: "") }
      return standard
    }
    guard case .number(let number) = entry.value, number >= 0, number > bound ?? -1, number <= 1e15 else {
      throw fault(key, wants: bound == nil ? "a number of at least 0" : "a number above 0")
    }
    return number
  }

  /// A number above 0, or nil where it is not there.
  fileprivate func optionalNumber(_ key: String) throws(ProfileError) -> Double? {
    entry(key) == nil ? nil : try number(key, above: 0)
  }

  /// Numbers of 0...10^12, so many where that is told.
  fileprivate func numbers(_ key: String, count: Int? = nil) throws(ProfileError) -> [Double] {
    let wants = "\(count.map { "\($0) " } ?? "")numbers of at least 0 in brackets"
    guard case .array(let values)? = entry(key)?.value, values.count == count ?? values.count else { throw fault(key, wants: wants) }
    var numbers: [Double] = []
    for value in values {
      guard case .number(let number) = value, (0...1e12).contains(number) else { throw fault(key, wants: wants) }
      numbers.append(number)
    }
    return numbers
  }
}
