import Autograd
import ModelGraph
import Randomness
import Testing

/// Two matrices and a bias.
private func program(frozen: Set<String> = []) throws -> Program {
  var graph = CheckedGraph()
  let shape = Shape.rows(.sequence, 3)
  let own = [graph.builder.parameter("head.weight", 3, 3), graph.builder.parameter("head.bias", 3)]
  let x = graph.input("x", shape)
  let y = graph.builder.node("y", .linear, x, parameters: own, shape: shape)
  return try Program(graph.build([y]).0, frozen: frozen)
}

@Suite struct OptimizerTests {
  private func stepped(_ program: Program, _ optimizer: Optimizer, decayed: Bool = false) throws -> (before: [[Float]], after: [[Float]]) {
    let (parameters, gradients) = (program.initialParameters(seed: 1), program.parameters())
    let before = program.layout.entries.indices.map { Array(parameters[$0]) }
    let trained = program.layout.entries.indices.filter { program.layout.entries[$0].isTrained }
    for place in trained { gradients[place].update(repeating: decayed ? 0 : 1) }
    optimizer.step(parameters, gradients: gradients, rate: 0.1, workers: try Workers(count: 2))
    #expect(gradients.memory.values.allSatisfy { $0 == 0 })
    return (before, program.layout.entries.indices.map { Array(parameters[$0]) })
  }

  /// The first step of Adam is the rate, whatever the gradient.
  @Test func groupsHaveRatesOfTheirOwn() throws {
    let program = try program(frozen: ["head.weight"])
    let groups = [Optimizer.Group(prefix: "head.", rateFactor: 0.5)]
    let (before, after) = try stepped(program, Optimizer(program.layout, settings: .init(weightDecay: 0), groups: groups))
    let expected: [String: Float] = ["head.weight": 0, "head.bias": 0.05, "x.matrix": 0.1]
    for (place, entry) in program.layout.entries.enumerated() {
      let length = try #require(expected[entry.name])
      for (a, b) in zip(before[place], after[place]) { #expect(abs(a - b - length) < 1e-6, "\(entry.name)") }
    }
  }

  @Test(arguments: Optimizer.Algorithm.allCases) func biasesDoNotDecay(algorithm: Optimizer.Algorithm) throws {
    let program = try program()
    let optimizer = Optimizer(program.layout, settings: .init(algorithm: algorithm, weightDecay: 0.5))
    let (before, after) = try stepped(program, optimizer, decayed: true)
    for (place, entry) in program.layout.entries.enumerated() {
      // LAMB's step is as long as the matrix times the rate.
      let kept: Float = !entry.decays ? 1 : algorithm == .adamW ? 0.95 : 0.9
      for (a, b) in zip(before[place], after[place]) { #expect(abs(b - kept * a) < 1e-6, "\(entry.name)") }
    }
  }

  @Test func schedules() {
    let cosine = RateSchedule(peak: 2, warmUp: 4, total: 14, floor: 0.5)
    #expect((0..<4).map { cosine.rate(step: $0) } == [0.5, 1, 1.5, 2])
    #expect(cosine.rate(step: 4) == 2 && abs(cosine.rate(step: 9) - 1.25) < 1e-6 && cosine.rate(step: 14) == 0.5)
    #expect(cosine.rate(step: 1000) == 0.5)
    let linear = RateSchedule(peak: 2, total: 10, floor: 1, decay: .linear)
    #expect(linear.rate(step: 0) == 2 && linear.rate(step: 5) == 1.5 && linear.rate(step: 10) == 1)
    #expect(RateSchedule(peak: 2, total: 10, decay: .constant).rate(step: 9) == 2)
  }

  @Test func longGradientsAreClipped() throws {
    let gradients = try program().parameters()
    gradients[0][0] = 6
    gradients[1][0] = 8
    let workers = try Workers(count: 2)
    let squares = gradients.squares(workers)
    #expect(squares[0] == 36 && squares[1] == 64 && squares.reduce(0, +) == 100)
    #expect(abs(ParameterMemory.clipping(norm: 10, to: 1) - 0.1) < 1e-6)
    #expect(ParameterMemory.clipping(norm: 10, to: 100) == 1)
    #expect(abs(ParameterMemory.clipping(norm: 5, to: 1, batches: 2) - 0.1) < 1e-6)
  }
}

@Suite struct CounterRandomTests {
  /// The known answers of the reference implementation, Random123.
  @Test func knownAnswers() {
    func words(_ words: CounterRandom.Words) -> [UInt32] { [words.0, words.1, words.2, words.3] }
    #expect(words(CounterRandom.block((0, 0, 0, 0), key: (0, 0))) == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
    let ones = UInt32.max
    let inverted = CounterRandom.block((ones, ones, ones, ones), key: (ones, ones))
    #expect(words(inverted) == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
    let digits = CounterRandom.block((0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: (0xa409_3822, 0x299f_31d0))
    #expect(words(digits) == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
  }

  @Test func numbersDependOnNothingButTheState() {
    var random = CounterRandom(seed: 1, stream: 2)
    let numbers = (0..<9).map { _ in random.next() }
    var later = CounterRandom(seed: 1, stream: 2, position: 5)
    #expect((0..<4).map { _ in later.next() } == Array(numbers[5...]))
    var other = CounterRandom(seed: 1, stream: 3)
    #expect(!numbers.contains(other.next()))
  }

  @Test func normalNumbersAreNormal() {
    var random = CounterRandom(seed: 4)
    let numbers = (0..<20000).map { _ in Double(random.normal()) }
    let mean = numbers.reduce(0, +) / 20000
    #expect(abs(mean) < 0.03 && abs(numbers.reduce(0) { $0 + $1 * $1 } / 20000 - 1) < 0.04)
    #expect(numbers.count { abs($0) < 1 } > 13400 && numbers.count { abs($0) < 1 } < 13900)
  }
}
