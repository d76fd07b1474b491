import BundleFormat
import Device
import ModelGraph
import Split
import TOMLFormat

// What `tributary plan` reads from its flags.
extension Arguments {
  /// `RTT_MS,UP_MBIT[,DOWN_MBIT]`
  var link: LinkEstimate? {
    get throws(UsageError) {
      guard let text = self["link"] else { return nil }
      var numbers: [Double] = []
      for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
        guard let number = Double(decimal: Array(part)), number >= 0, number <= 1e6 else { throw .notALink(text) }
        numbers.append(number)
      }
      guard (2...3).contains(numbers.count), numbers.dropFirst().allSatisfy({ $0 > 0 }) else { throw .notALink(text) }
      return LinkEstimate(roundTripMilliseconds: numbers[0], upMegabits: numbers[1], downMegabits: numbers[numbers.count - 1])
    }
  }

  /// A number above 0.
  func factor(_ flag: String) throws(UsageError) -> Double? {
    guard let text = self[flag] else { return nil }
    guard let number = Double(decimal: Array(text.utf8)), number > 0, number <= 1e6 else { throw .notAFactor(flag: flag, value: text) }
    return number
  }

  /// `latency`, `energy`, `bytes` or `latency:0.5J`; latency where it is not given.
  var objective: Objective {
    get throws(UsageError) {
      let text = self["objective"] ?? "latency"
      switch text {
      case "latency": return .latency
      case "energy": return .energy
      case "bytes": return .bytes
      default:
        let (mark, unit) = ("latency:".utf8, UInt8(ascii: "J"))
        guard text.utf8.starts(with: mark), text.utf8.last == unit,
          let joules = Double(decimal: Array(text.utf8.dropFirst(mark.count).dropLast())), joules > 0
        else { throw .notAnObjective(text) }
        return .latencyWithin(joules: joules)
      }
    }
  }

  /// The objective, for which a profile tells the device's energy where it counts.
  func objective(of profile: DeviceProfile?) throws(CommandError) -> Objective {
    let objective = try usage { () throws(UsageError) in try self.objective }
    switch objective {
    case .latency, .bytes: break
    case .energy, .latencyWithin:
      guard profile?.energy != nil else {
        throw .usage(.missingFlag("profile", why: "energy is planned from one with a section [energy]"))
      }
    }
    return objective
  }

  /// The device's costs of a bundle: the profile's, or without one as `measure` finds them.
  func costs(
    _ bundle: Bundle, _ profile: DeviceProfile?, measure: () throws(CommandError) -> DeviceCosts
  ) throws(CommandError) -> DeviceCosts {
    guard let profile, let path = self["profile"] else { return try measure() }
    let graph = bundle.graph
    do throws(ProfileError) {
      return try profile.costs(
        bundle: ProfileText.key(of: bundle), segments: graph.segments.map { $0.name }, inputs: graph.inputs.map { graph[$0].name })
    } catch { throw .device(.profile(path: path, error)) }
  }
}
