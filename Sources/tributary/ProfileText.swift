import BundleFormat
import CPosix
import Device
import Inference
import ModelGraph
import Split
import TOMLFormat

/// Writes what was measured into a profile. All else in the file, comments included, stays as it is.
struct ProfileText {
  let bundle: Bundle
  let costs: MeasuredCosts
  let threads: Int
  let kernels: String
  let peakBytes: Int

  /// The name of a bundle's costs: the first 12 hexadecimal digits of its hash.
  static func key(of bundle: Bundle) -> String { hexadecimal(bundle.hash.prefix(6)) }

  /// The whole text of a profile, in which these costs take the place of any older ones of the same bundle.
  func text(replacingIn old: [UInt8]?) throws(ProfileError) -> String {
    guard let old else { return newText }
    let path = ["costs", Self.key(of: bundle)]
    let known: TOML
    do throws(TOMLError) { known = try TOML(old) } catch { throw .syntax(error) }
    var lines = old.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    var kept: [String] = []
    var isReplaced = known.tables.last?.path.starts(with: path) == true
    for (index, line) in lines.enumerated().reversed() {
      let first = line.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: "\r") }
      let isComment = first == UInt8(ascii: "#")
      // Comments and empty lines belong to what follows.
      if first != nil, !isComment { isReplaced = known.tables.last { $0.line <= index + 1 }?.path.starts(with: path) == true }
      if !isReplaced || isComment { kept.append(String(decoding: line, as: UTF8.self) + "\n") }
    }
    return joined(kept.reversed(), "") + "\n" + tables
  }

  /// The text of a new profile.
  var newText: String { head + tables }

  private var head: String {
    """
    # What `tributary probe` measured on this device; `tributary plan` reads it. To plan with a link, a device's energy and a peer, add the
    # sections [link], [energy] and [peer], as in firmware-profiles/raspberry-pi-zero-2-w.toml.

    [target]
    architecture = "\(architecture)"
    kernels = "\(kernels)"

    [device]
    cores = \(posix_processor_count())


    """
  }

  private var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "aarch64"
    #elseif arch(arm)
      "armv7"
    #else
      "riscv64"
    #endif
  }

  private var tables: String {
    let name = "[costs." + Self.key(of: bundle)
    let graph = bundle.graph
    return """
      \(name)] # microseconds, at each of the sequences
      name = \(quoted(bundle.name))
      threads = \(threads)
      kernels = "\(kernels)"
      peak_memory_mib = \(fixed(Double(peakBytes) / 0x1p20, decimals: 1))
      encode_us_kib = \(fixed(costs.encoding * 1024, decimals: 3))
      sequences = [\(joined(costs.sequences.map { "\($0)" }, ", "))]

      \(name).segments]
      \(rows(graph.segments.indices.map { (graph.segments[$0].name, costs.segments[$0]) }))
      \(name).preparation]
      \(rows(graph.inputs.indices.map { (graph[graph.inputs[$0]].name, costs.preparation[$0]) }))
      \(name).operations]
      \(rows(costs.operations.map { ($0.name, $0.times) }))
      """
  }

  private func rows(_ rows: [(String, [Double])]) -> String {
    rows.reduce("") { $0 + quoted($1.0) + " = [" + joined($1.1.map { fixed($0, decimals: 1) }, ", ") + "]\n" }
  }

  private func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 where byte >= 0x20 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
      bytes.append(byte)
    }
    return "\"" + String(decoding: bytes, as: UTF8.self) + "\""
  }
}

extension ProfileText {
  /// What was measured with a runner that was opened as the flags say.
  init(_ costs: MeasuredCosts, of runner: ModelRunner, _ arguments: Arguments) throws(CommandError) {
    self.init(
      bundle: runner.bundle, costs: costs, threads: arguments["threads"].flatMap { Int($0) } ?? 1,
      kernels: arguments["kernels"] ?? KernelSet.widest.name, peakBytes: try device { () throws(DeviceError) in try peakMemory() })
  }

  /// Writes to a profile, a new one where there is no such file.
  func write(to path: String) throws(CommandError) {
    try device { () throws(DeviceError) in
      let old = try contents(of: path)
      let new: String
      do throws(ProfileError) { new = try text(replacingIn: old) } catch { throw .profile(path: path, error) }
      try writeFile(Array(new.utf8), to: path)
    }
  }

  /// The bytes of a file, or nil where there is none.
  private func contents(of path: String) throws(DeviceError) -> [UInt8]? {
    do throws(DeviceError) { return try readFile(path, limit: profileLimit) } catch {
      if case .unreadable(_, ENOENT) = error { return nil }
      throw error
    }
  }
}
