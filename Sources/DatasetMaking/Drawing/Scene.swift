import Foundation
import Preprocessing
import Randomness

/// How a thing is shown: before what, how large, where, turned and sheared, and beside which shapes.
struct Scene: Sendable {
  /// A disc or a square beside the thing.
  private struct Shape {
    let middle: SIMD2<Float>
    let radius: Float
    let isDisc: Bool
    let colour: SIMD3<Float>

    func covers(_ x: Float, _ y: Float) -> Bool {
      let (dx, dy) = (abs(x - middle.x), abs(y - middle.y))
      return isDisc ? dx * dx + dy * dy < radius * radius : max(dx, dy) < radius
    }
  }

  /// Places along a pixel's side that are looked at.
  private static let samples = 3
  private static let trainedScales: ClosedRange<Float> = 0.6...0.95
  private static let heldOutScales: ClosedRange<Float> = 0.42...0.58

  let background: Background
  private let scale: Float
  private let middle: SIMD2<Float>
  private let turn: SIMD2<Float>
  private let shear: Float
  private let shapes: [Shape]

  /// - Parameter isHeldOut: Whether it is of the kinds that no training sample has.
  init(isHeldOut: Bool, _ random: inout CounterRandom) {
    let kinds = isHeldOut ? Background.Kind.heldOut : Background.Kind.trained
    background = Background(kinds[Int.random(in: kinds.indices, using: &random)], &random)
    let scales = isHeldOut ? Self.heldOutScales : Self.trainedScales
    scale = Float.random(in: scales, using: &random)
    let room = 0.5 - scale / 2
    middle = SIMD2(0.5 + room * (2 * random.uniform() - 1), 0.5 + room * (2 * random.uniform() - 1))
    let angle = 0.3 * (random.uniform() - 0.5)
    turn = SIMD2(cos(angle), sin(angle))
    shear = 0.3 * (random.uniform() - 0.5)
    let count = random.uniform() < 0.3 ? Int.random(in: 1...3, using: &random) : 0
    shapes = (0..<count).map { _ in
      Shape(
        middle: SIMD2(random.uniform(), random.uniform()), radius: 0.04 + 0.08 * random.uniform(), isDisc: random.uniform() < 0.5,
        colour: Paint.random(&random).colour)
    }
  }

  /// A square picture with that side.
  func draw(_ sprite: Sprite, side: Int) -> RGBImage {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * side * side)
    for row in 0..<side {
      for column in 0..<side {
        let colour = 255 * average(Float(column), Float(row), of: sprite, side: Float(side)) + 0.5
        for channel in 0..<3 { pixels.append(UInt8(max(0, min(255, colour[channel])))) }
      }
    }
    return RGBImage(width: side, height: side, pixels: pixels)
  }

  private func average(_ column: Float, _ row: Float, of sprite: Sprite, side: Float) -> SIMD3<Float> {
    var sum = SIMD3<Float>.zero
    for down in 0..<Self.samples {
      for across in 0..<Self.samples {
        let (x, y) = ((Float(across) + 0.5) / Float(Self.samples), (Float(down) + 0.5) / Float(Self.samples))
        sum += colour((column + x) / side, (row + y) / side, sprite)
      }
    }
    return sum / Float(Self.samples * Self.samples)
  }

  private func colour(_ x: Float, _ y: Float, _ sprite: Sprite) -> SIMD3<Float> {
    let behind = shapes.last { $0.covers(x, y) }?.colour ?? background.colour(x, y)
    let offset = (SIMD2(x, y) - middle) / scale
    let straight = SIMD2(turn.x * offset.x + turn.y * offset.y, turn.x * offset.y - turn.y * offset.x)
    let place = SIMD2(straight.x - shear * straight.y, straight.y) * Float(max(sprite.width, sprite.height))
    let front = sprite.colour(place.x + Float(sprite.width) / 2, place.y + Float(sprite.height) / 2)
    return SIMD3(front.x, front.y, front.z) + (1 - front.w) * behind
  }
}
