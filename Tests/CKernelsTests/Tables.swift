import CKernels

/// All tables that this processor runs, the widest first.
func availableTables() -> [kernels_table] {
  var tables: [kernels_table] = []
  while let table = kernels_available(tables.count) { tables.append(table.pointee) }
  return tables
}

extension kernels_table {
  var label: String { String(cString: name) }
}
