import ModelGraph

/// Where the time of an inference goes, as `tributary bench --operations` tells it.
struct OperationReport {
  let graph: Graph
  let costs: MeasuredCosts

  /// Milliseconds of all operations [length].
  private var totals: [Double] {
    costs.sequences.indices.map { length in costs.operations.reduce(0) { $0 + $1.times[length] } / 1e3 }
  }

  /// A line for each kind of operation, those that take most first.
  func print() {
    let totals = totals
    let last = costs.sequences.count - 1
    Console.print("\n" + leading("operation", 16) + costs.sequences.reduce("") { $0 + padded("\($1)", 11) })
    var rest = costs.operations
    while let most = rest.indices.max(by: { rest[$0].times[last] < rest[$1].times[last] }) {
      let (name, times) = rest.remove(at: most)
      let shares = zip(times, totals).map { padded(fixed($0 / $1 / 10, decimals: 1) + " %", 11) }
      Console.print(leading(name, 16) + joined(shares, ""))
    }
    Console.print(leading("all", 16) + joined(totals.map { padded(fixed($0, decimals: 3) + " ms", 11) }, ""))
  }

  /// Microseconds at each length.
  var json: [(String, JSON)] {
    [
      ("sequences", .array(costs.sequences.map { .integer($0) })),
      ("operations", .array(costs.operations.map { .object([("operation", .string($0.name)), ("us", times($0.times))]) })),
      (
        "nodes",
        .array(
          graph.nodes.indices.map { index in
            let node = graph.nodes[index]
            return .object([
              ("name", .string(node.name)), ("operation", .string(node.operation.name)), ("us", times(costs.nodes[index])),
            ])
          })
      ),
    ]
  }

  private func times(_ values: [Double]) -> JSON { .array(values.map { .number($0, decimals: 3) }) }
}
