import CKernels
import EvexKernels

/// All tables that this processor runs, the widest first.
func availableTables() -> [kernels_table] {
  var tables: [kernels_table] = []
  while let table = kernels_available(tables.count) { tables.append(table.pointee) }
  return tables
}

/// Those, and where the widest has AVX512-VNNI the forms of AVX-VNNI as it runs them.
func testedTables() -> [kernels_table] {
  let tables = availableTables()
  return tables.first?.label == "avx512vnni" ? [evex_kernels(tables[0])] + tables : tables
}

extension kernels_table {
  var label: String { String(cString: name) }
}
