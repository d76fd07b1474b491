import BundleFormat
import Foundation
import Inference
import Split

/// What a bundle takes of a device's memory, beside what the device's profile lets a process use.
struct MemoryFit {
  let profile: String
  /// Bytes: the bundle, of which all pages may be in memory, the arena of the largest request, and the program.
  let needed: Int
  let budget: Int

  /// The pages of the program, its stacks and its heap, as measured with small bundles.
  private static let program = 4 << 20

  /// A profile without a budget is refused.
  init(profile path: String, bundle: String) throws {
    let device = try readProfile(path) { $0 }
    guard let mebibytes = device.mebibytes else { throw Failure.badData("--profile: \(path): 'memory_mib' is missing in [device]") }
    let session = try Session(model: Model(bundle: BundleFormat.Bundle(path: bundle)), threads: min(device.cores ?? 1, 64))
    let size = try FileManager.default.attributesOfItem(atPath: bundle)[.size] as? Int ?? 0
    profile = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    budget = Int(min(mebibytes, 0x1p40) * 0x1p20)
    needed = size + session.byteCount + Self.program
  }

  /// Throws where it does not fit.
  func check() throws {
    guard needed > budget else { return }
    throw Failure.badData(
      "--profile: the bundle would take \(mebibytes(needed)) MiB, and \(profile) has \(mebibytes(budget)) MiB (memory_mib) for it: "
        + "a narrower model (scale, prune), shorter texts (--maximum-tokens) or sounds (--samples) take less")
  }

  var text: String { "memory: at most \(mebibytes(needed)) of the \(mebibytes(budget)) MiB of \(profile)" }

  var json: String { "{\"needed_bytes\":\(needed),\"budget_bytes\":\(budget)}" }

  private func mebibytes(_ bytes: Int) -> String { String(format: "%.1f", Double(bytes) / 0x1p20) }
}
