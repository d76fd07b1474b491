import Autograd
import BundleFormat
import Foundation
import TestSupport
import Testing
import Training

@Suite struct CheckpointTests {
  private func names(_ folder: TemporaryDirectory) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  private func file(_ step: Int) -> String { "step-00000\(step).safetensors" }

  @Test func theLastAndTheBestAreKept() throws {
    let folder = try TemporaryDirectory()
    let checkpoints = try Checkpoints(directory: folder.path, keeping: 2)
    let state = try SmallTraining().trainer.state
    #expect(try checkpoints.resume(state) == nil && checkpoints.best == nil && checkpoints.newest(before: 9) == nil)
    try folder.write("step-000001.safetensors.77.partial", [1])
    try folder.write("notes.txt", [1])
    for (step, score) in [0.25, 0.5, nil, 0.125, .nan].enumerated() {
      state.optimizer.steps = step + 1
      #expect(try checkpoints.save(state, score: score) == "\(folder.path)/\(file(step + 1))")
    }
    #expect(try names(folder) == ["notes.txt", file(2), file(4), file(5)])
    #expect(checkpoints.best?.file == "\(folder.path)/\(file(2))" && checkpoints.best?.score == 0.5)
    #expect(checkpoints.newest(before: 5) == "\(folder.path)/\(file(4))")
    // A new program knows the same.
    #expect(try Checkpoints(directory: folder.path).best?.score == 0.5)
  }

  /// Every kind of damage, wherever it is, is found; the newest that is whole is taken.
  @Test func damagedStatesAreSkipped() throws {
    let folder = try TemporaryDirectory()
    let checkpoints = try Checkpoints(directory: folder.path)
    let state = try SmallTraining().trainer.state
    for step in 1...2 {
      state.optimizer.steps = step
      state.parameters[0][0] = Float(step)
      try checkpoints.save(state)
    }
    let path = "\(folder.path)/\(file(2))"
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var damaged = [Array(whole.dropLast()), [], Array(whole.prefix(9))]
    for place in stride(from: 0, to: whole.count, by: whole.count / 40) {
      var bytes = whole
      bytes[place] ^= 1
      damaged.append(bytes)
    }
    for bytes in damaged {
      try folder.write(file(2), bytes)
      let found = try #require(try checkpoints.resume(state))
      #expect(found.file == "\(folder.path)/\(file(1))" && found.skipped.count == 1)
      #expect(state.optimizer.steps == 1 && state.parameters[0][0] == 1)
    }
    try folder.write(file(1), whole.prefix(100))
    #expect(throws: TrainingError.self) { try checkpoints.resume(state) }
    try folder.write(file(2), whole)
    #expect(try checkpoints.resume(state)?.skipped.isEmpty == true)
    #expect(state.optimizer.steps == 2 && state.parameters[0][0] == 2)
  }

  @Test func directoriesMustBeThere() throws {
    let folder = try TemporaryDirectory()
    #expect(throws: TrainingError.unwritable(.file(operation: "make the directory", path: folder.path + "/a/b", number: ENOENT))) {
      try Checkpoints(directory: folder.path + "/a/b")
    }
  }
}
