import Randomness

/// A colour with its name in English.
struct Paint: Sendable {
  let name: String
  let colour: SIMD3<Float>

  static let all = [
    Paint(name: "red", colour: [0.85, 0.15, 0.15]), Paint(name: "orange", colour: [0.95, 0.55, 0.1]),
    Paint(name: "yellow", colour: [0.95, 0.9, 0.25]), Paint(name: "green", colour: [0.2, 0.65, 0.25]),
    Paint(name: "blue", colour: [0.15, 0.3, 0.85]), Paint(name: "purple", colour: [0.5, 0.2, 0.65]),
    Paint(name: "pink", colour: [0.97, 0.65, 0.78]), Paint(name: "brown", colour: [0.45, 0.28, 0.15]),
    Paint(name: "gray", colour: [0.5, 0.5, 0.5]), Paint(name: "white", colour: [0.97, 0.97, 0.97]),
    Paint(name: "black", colour: [0.05, 0.05, 0.05]),
  ]

  /// One of them, a little lighter or darker.
  static func random(_ random: inout CounterRandom) -> Paint {
    let paint = all[Int.random(in: all.indices, using: &random)]
    let light = 0.12 * (random.uniform() - 0.5)
    return Paint(name: paint.name, colour: (paint.colour + light).clamped(lowerBound: .zero, upperBound: .one))
  }
}

/// What is behind the thing in a picture.
struct Background: Sendable {
  enum Kind: String, CaseIterable, Sendable {
    case plain, gradient, stripes, spots, noise
    /// These are in no sample of `train`.
    case checks, clouds

    static let trained: [Kind] = [.plain, .gradient, .stripes, .spots, .noise]
    static let heldOut: [Kind] = [.checks, .clouds]
  }

  let kind: Kind
  let paint: Paint
  private let other: SIMD3<Float>
  private let direction: SIMD2<Float>
  private let frequency: Float
  private let lattice: [Float]

  /// Cells of the random lattice along a side.
  private static let cells = 16

  init(_ kind: Kind, _ random: inout CounterRandom) {
    self.kind = kind
    paint = Paint.random(&random)
    other = Paint.random(&random).colour
    let corner = SIMD2(random.uniform() - 0.5, random.uniform() - 0.5)
    direction = corner / max(1e-3, (corner * corner).sum().squareRoot())
    frequency = 3 + 5 * random.uniform()
    lattice = (0..<Self.cells * Self.cells).map { _ in random.uniform() }
  }

  /// The colour at a place of 0 to 1 across and down.
  func colour(_ x: Float, _ y: Float) -> SIMD3<Float> { paint.colour + share(x, y) * (other - paint.colour) }

  /// How much of the other colour is there.
  private func share(_ x: Float, _ y: Float) -> Float {
    let along = direction.x * (x - 0.5) + direction.y * (y - 0.5)
    switch kind {
    case .plain: return 0
    case .gradient: return max(0, min(1, along + 0.5))
    case .stripes: return Self.isEven(along * 2 * frequency) ? 0 : 0.7
    case .checks: return Self.isEven(x * frequency) == Self.isEven(y * frequency) ? 0 : 0.7
    case .spots: return Self.distance(x * frequency, y * frequency) < 0.3 ? 0.7 : 0
    case .noise: return 0.6 * cell(Int(x * 61) * 7 + Int(y * 61) * 13)
    case .clouds: return (4 * smooth(x * 3, y * 3) + 2 * smooth(x * 6, y * 6) + smooth(x * 12, y * 12)) / 7
    }
  }

  private static func isEven(_ value: Float) -> Bool { Int(value.rounded(.down)).isMultiple(of: 2) }

  /// From the middle of a cell of side 1.
  private static func distance(_ x: Float, _ y: Float) -> Float {
    let (dx, dy) = (x - x.rounded(.down) - 0.5, y - y.rounded(.down) - 0.5)
    return (dx * dx + dy * dy).squareRoot()
  }

  private func cell(_ index: Int) -> Float { lattice[index % lattice.count] }

  /// Between four points of the lattice.
  private func smooth(_ x: Float, _ y: Float) -> Float {
    let (column, row) = (Int(x), Int(y))
    let (right, below) = (x - Float(column), y - Float(row))
    let (r, b) = (right * right * (3 - 2 * right), below * below * (3 - 2 * below))
    func at(_ column: Int, _ row: Int) -> Float { cell(row * Self.cells + column) }
    let upper = at(column, row) * (1 - r) + at(column + 1, row) * r
    let lower = at(column, row + 1) * (1 - r) + at(column + 1, row + 1) * r
    return upper * (1 - b) + lower * b
  }
}
