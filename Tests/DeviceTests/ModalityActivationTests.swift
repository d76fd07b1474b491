import Device
import ModelGraph
import Testing

private func costs(_ text: Int, _ image: Int, _ sound: Int) -> [(modality: Modality, cost: ActivationCost)] {
  [
    (.text, ActivationCost(multiplyAccumulates: text)), (.image, ActivationCost(multiplyAccumulates: image)),
    (.sound, ActivationCost(multiplyAccumulates: sound)),
  ]
}

@Suite struct ActivationTests {
  private func activation(
    _ costs: [(modality: Modality, cost: ActivationCost)] = costs(30, 10, 20), present: [Modality] = [.text, .image, .sound],
    wanted: [Modality]? = nil, threshold: Float = 0.9, budget: ActivationBudget = ActivationBudget()
  ) -> ModalityActivation {
    ModalityActivation(costs: costs, present: present, wanted: wanted, threshold: threshold, budget: budget)
  }

  /// Which modalities run where each leads to a confidence and takes a time.
  private func order(_ activation: inout ModalityActivation, _ confidences: [Float?], milliseconds: Double = 1) -> [Modality] {
    var order: [Modality] = []
    while let modality = activation.next(spent: Double(order.count) * milliseconds) {
      activation.observe(confidence: confidences[order.count])
      order.append(modality)
    }
    return order
  }

  @Test func theCheapestComesFirst() {
    var all = activation()
    #expect(order(&all, [0.3, 0.5, 0.99]) == [.image, .sound, .text])
    #expect(all[.image] == .first && all[.sound] == .unsure(0.3) && all[.text] == .unsure(0.5))
    #expect(all.isConfident && all.confidence == 0.99)
  }

  @Test func measuredTimesDecideWhereAllAreKnown() {
    let measured: [(modality: Modality, cost: ActivationCost)] = [
      (.text, ActivationCost(multiplyAccumulates: 30, microseconds: 5)), (.image, ActivationCost(multiplyAccumulates: 10, microseconds: 9)),
    ]
    var known = activation(measured, present: [.text, .image])
    #expect(order(&known, [0, 0]) == [.text, .image])
    var partly = activation(measured + costs(0, 0, 1).suffix(1))
    #expect(order(&partly, [0, 0, 0]) == [.sound, .image, .text])
  }

  @Test func confidenceEndsIt() {
    var sure = activation()
    #expect(order(&sure, [0.5, 0.9]) == [.image, .sound])
    #expect(sure[.text] == .confident(0.9))
    var never = activation(threshold: 1)
    #expect(order(&never, [0.5, 0.9, 0.99]).count == 3)
    #expect(!never.isConfident)
  }

  @Test func withoutConfidenceAllRun() {
    var unknown = activation()
    #expect(order(&unknown, [nil, nil, nil]).count == 3)
    #expect(unknown[.text] == .unknownConfidence && !unknown.isConfident)
  }

  @Test func whatIsAbsentOrExcludedDoesNotRun() {
    var some = activation(present: [.text, .sound], wanted: [.text, .image])
    #expect(order(&some, [0]) == [.text])
    #expect(some[.text] == .first && some[.image] == .absent && some[.sound] == .excluded)
    var none = activation(wanted: [])
    #expect(order(&none, []).isEmpty && Modality.allCases.allSatisfy { none[$0] == .excluded })
  }

  /// 10 multiply–accumulates took 4 ms, so that 20 more take 8; with 30 done in 12 ms, the last 30 take 12.
  @Test(arguments: [(0, 1), (11.9, 1), (12, 2), (23.9, 2), (24, 3)]) func theBudgetMustHaveRoom(milliseconds: Double, count: Int) {
    var limited = activation(budget: ActivationBudget(milliseconds: milliseconds))
    var spent = [0.0, 4, 12][...]
    var ran = 0
    while limited.next(spent: spent.popFirst() ?? 0) != nil {
      limited.observe(confidence: 0.1)
      ran += 1
    }
    #expect(ran == count)
    #expect(Modality.allCases.count { limited[$0] == .overBudget } == 3 - count)
  }

  @Test func energyIsTimeByPower() {
    let budget = ActivationBudget(joules: 0.01, watts: 2)
    #expect(budget.holds(milliseconds: 5) && !budget.holds(milliseconds: 5.1))
    #expect(ActivationBudget(joules: 0.01).holds(milliseconds: 1e9), "without watts joules are no limit")
    var measured = activation(
      [
        (.text, ActivationCost(multiplyAccumulates: 1, microseconds: 3000)),
        (.image, ActivationCost(multiplyAccumulates: 1, microseconds: 4000)),
      ], present: [.text, .image], budget: budget)
    #expect(order(&measured, [0, 0], milliseconds: 3) == [.text])
    #expect(measured[.image] == .overBudget)
  }
}
