import CKernels

/// The microkernels of one instruction set; every set gives the same bits.
package struct KernelSet: Sendable {
  nonisolated(unsafe) let table: UnsafePointer<kernels_table>

  package var name: String { String(cString: table.pointee.name) }

  /// Those that this processor runs, the widest first and `portable` last.
  package static var available: [KernelSet] {
    var sets: [KernelSet] = []
    while let table = kernels_available(sets.count) { sets.append(KernelSet(table: table)) }
    return sets
  }

  /// The widest of them.
  package static var widest: KernelSet { available[0] }

  /// The set of that name, or the widest where no name is given.
  package static func named(_ name: String?) throws(InferenceError) -> KernelSet {
    guard let name else { return widest }
    let sets = available
    guard let set = sets.first(where: { $0.name == name }) else {
      throw .unknownKernels(name, available: sets.map { $0.name })
    }
    return set
  }
}
