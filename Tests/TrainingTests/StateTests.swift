import Autograd
import Dataset
import Foundation
import ModelGraph
import Models
import Randomness
import TestSupport
import Testing
import Training

@Suite struct StateTests {
  private func state(_ graph: Graph, seed: UInt64) throws -> TrainingState {
    let program = try Program(graph)
    return TrainingState(
      parameters: program.initialParameters(seed: seed), optimizer: Optimizer(program.layout), averages: true,
      random: CounterRandom(seed: 3, stream: 4, position: .max))
  }

  @Test func whatWasSavedComesBack() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path + "/state.safetensors"
    let saved = try state(TinyModels.bertGraph(), seed: 1)
    saved.cursor = SampleCursor(epoch: 7, batches: 11)
    saved.optimizer.steps = 5
    saved.optimizer.moments.second[0][3] = 0.25
    try saved.save(to: path)
    let other = try state(TinyModels.bertGraph(), seed: 2)
    #expect(Array(other.parameters.memory.values) != Array(saved.parameters.memory.values))
    try other.restore(from: path)
    #expect(Array(other.parameters.memory.values) == Array(saved.parameters.memory.values))
    #expect(Array(other.average?.memory.values ?? .init(start: nil, count: 0)) == Array(saved.parameters.memory.values))
    #expect(other.optimizer.moments.second[0][3] == 0.25)
    #expect(other.cursor == SampleCursor(epoch: 7, batches: 11) && other.optimizer.steps == 5 && other.random == saved.random)
  }

  @Test func statesOfOtherTrainingsAreRefused() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path + "/state.safetensors"
    try state(TinyModels.vit(), seed: 1).save(to: path)
    let other = try state(TinyModels.bertGraph(), seed: 1)
    #expect(throws: TrainingError.self) { try other.restore(from: path) }
    #expect(throws: TrainingError.self) { try other.restore(from: folder.path + "/none") }
    try SafetensorsWriter.write([], to: path)
    #expect(throws: TrainingError.badState(file: path, field: "format", problem: "is not tributary-training-2")) {
      try other.restore(from: path)
    }
  }

  @Test func metadataAndNamesAreQuoted() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path + "/file.safetensors"
    let values: [Float] = [1, 2, 3, 4, 5, 6]
    try values.withUnsafeBufferPointer {
      try SafetensorsWriter.write(
        [.init(name: "a\"\\\n", shape: [2, 3], values: $0), .init(name: "empty", shape: [0], values: .init(start: nil, count: 0))],
        metadata: ["quote \"": "line\n\u{1}"], to: path)
    }
    let file = try Safetensors(path: path)
    #expect(file.metadata == ["quote \"": "line\n\u{1}"])
    #expect(file.entries.map(\.name) == ["a\"\\\n", "empty"] && file.entries[0].shape == [2, 3])
    #expect(try file.floats(file.entries[0]) == values)
  }

  /// A training that is killed again and again ends with the bits of one that never was.
  @Test(arguments: [1, 2]) func killedTrainingsGoOnExactly(threads: Int) throws {
    let folder = try TemporaryDirectory()
    let steps = 24
    let whole = try run(folder.path + "/whole", steps: steps, threads: threads, killAfter: nil)
    #expect(whole.last?.hasPrefix("step \(steps) ") == true)
    let lines = try (0..<4).flatMap { try run(folder.path + "/killed", steps: steps, threads: threads, killAfter: $0 < 3 ? 5 : nil) }
    let files = try ["whole", "killed"].map {
      try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\($0)/step-0000\(steps).safetensors"))
    }
    #expect(files[0] == files[1])
    // A line may be lost with its process, but none tells another loss.
    #expect(Set(lines).isSubset(of: Set(whole)))
  }

  /// The lines of a run, which is killed somewhere in the step after some.
  private func run(_ path: String, steps: Int, threads: Int, killAfter count: Int?) throws -> [String] {
    let process = Process()
    process.executableURL = Bundle.module.bundleURL.deletingLastPathComponent().appendingPathComponent("ResumedTraining")
    process.arguments = [path, String(steps), String(threads)]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    input.fileHandleForWriting.write(Data(count: count ?? steps))
    var text = Data()
    var awaited = count
    while true {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      text += more
      if let count = awaited, text.count(where: { $0 == UInt8(ascii: "\n") }) >= count {
        input.fileHandleForWriting.write(Data(count: 1))
        kill(process.processIdentifier, SIGKILL)
        awaited = nil
      }
    }
    process.waitUntilExit()
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
