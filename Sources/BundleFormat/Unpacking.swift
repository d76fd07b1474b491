package import ModelGraph

extension Bundle {
  /// The values of a parameter as it was before it was packed.
  package func unpacked(_ id: TensorID) -> ParameterData {
    let view = unsafe parameter(id)
    let count = graph[id].shape.elementCount(batch: 1, sequence: 1) ?? 0
    guard let scales = unsafe view.scales, case .fixed(let rows)? = graph[id].shape.dimensions.first else {
      return unsafe .float32(Array(view.values.bindMemory(to: Float.self).prefix(count)))
    }
    let stored = unsafe view.values.bindMemory(to: Int8.self)
    let values = (0..<count).map { unsafe stored[place(of: $0, rows: rows, columns: count / rows, form: layout.forms[id] ?? .plain)] }
    return unsafe .int8Rows(values: values, scales: Array(UnsafeBufferPointer(start: scales, count: rows)))
  }

  /// Where an element of a row-major matrix lies.
  private func place(of element: Int, rows: Int, columns: Int, form: ParameterForm) -> Int {
    let (row, column) = (element / columns, element % columns)
    switch form {
    case .plain: return element
    case .taps: return column * rows + row
    case .blocked(let parts, let length):
      let runDepth = (length + Layout.blockDepth - 1) / Layout.blockDepth
      let group = column / length * runDepth + column % length / Layout.blockDepth
      let block = (row / Layout.blockColumns * (parts * runDepth) + group) * Layout.blockColumns + row % Layout.blockColumns
      return block * Layout.blockDepth + column % length % Layout.blockDepth
    }
  }
}
