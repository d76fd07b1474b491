import Autograd
import Foundation
import Testing

/// What libraries say of made-up embeddings and logits, see tools/oracles/evaluation.py.
struct GoldenEvaluation: Decodable {
  let a: [[Float]]
  let b: [[Float]]
  let groups: [Int]
  let logits: [[Float]]
  let targets: [Int]
  let prompts: [[[Float]]]
  let classes: [[Float]]
  let zeroShot: [[Float]]
  let forward: [String: Double]
  let backward: [String: Double]
  let grouped: [String: Double]
  let top: [String: Double]
  let confusion: [[Int]]
  let calibration: [String: Double]
  let temperature: Double
  let interval: [Double]

  static func read() throws -> GoldenEvaluation {
    let file = Bundle.module.bundleURL.appendingPathComponent("Golden/evaluation.json")
    return try JSONDecoder().decode(GoldenEvaluation.self, from: Data(contentsOf: file))
  }
}

extension Matrix {
  init(_ rows: [[Float]]) { self.init(rows: rows.count, columns: rows.first?.count ?? 0, values: rows.flatMap { $0 }) }
}
