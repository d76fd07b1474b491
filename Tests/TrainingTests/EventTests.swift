import Foundation
import TestSupport
import Testing
import Training

/// Files of events, see tools/oracles/events.py.
@Suite struct EventTests {
  private static let numbers: [Float] = [0, 0.5, 3.25, 30, 15.5, 15.75, 2]

  @Test func recordsAreThoseOfTensorBoard() throws {
    let events = [
      Event(time: 1764140000.25, step: 0, .version), Event(time: 1764140000.25, step: 300, .restart),
      Event(
        time: 1764140001.5, step: 300,
        .values([
          ("loss/total", .scalar(0.3)), ("weights", .histogram(Histogram(Self.numbers))), ("notes", .text("a *naïve* note")),
        ])),
      Event(time: 1764140002, step: 301, .values([("loss/total", .scalar(0))])),
    ]
    let golden = try Data(contentsOf: GoldenTraining.folder.appendingPathComponent("events.bin"))
    #expect(Data(events.flatMap(\.record)) == golden)
  }

  /// A run that goes on writes a file of its own, which says what it makes again.
  @Test func runsHaveFilesOfTheirOwn() throws {
    let folder = try TemporaryDirectory()
    var time = 1764140000.0
    let clock = { time }
    let first = try EventLog(directory: folder.path + "/logs", clock: clock)
    try first.write(step: 1, [("loss", .scalar(2))])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: first.path))
    time += 0.5
    let second = try EventLog(directory: folder.path + "/logs", goingOnFrom: 1, clock: clock)
    try second.write(step: 1, [("loss", .scalar(3))])
    #expect(first.path != second.path && second.path.contains("/events.out.tfevents.1764140000."))
    #expect(try Data(contentsOf: URL(fileURLWithPath: first.path)) == bytes)
    let expected = [
      Event(time: time, step: 0, .version), Event(time: time, step: 1, .restart),
      Event(time: time, step: 1, .values([("loss", .scalar(3))])),
    ]
    #expect(try Data(contentsOf: URL(fileURLWithPath: second.path)) == Data(expected.flatMap(\.record)))
    #expect(throws: TrainingError.self) { try EventLog(directory: folder.path + "/none/logs") }
  }

  @Test func histogramsCountWhatIsFinite() {
    let histogram = Histogram([-1, .nan, 1, 0, .infinity, 0.5, 1], buckets: 4)
    #expect(histogram.buckets == [1, 0, 1, 3] && histogram.count == 5 && histogram.sum == 1.5 && histogram.sumOfSquares == 3.25)
    #expect(histogram.least == -1 && histogram.largest == 1)
    #expect(Histogram([2, 2, 2]).buckets == [3])
    #expect(Histogram([Float.nan]).buckets == [0])
  }
}
