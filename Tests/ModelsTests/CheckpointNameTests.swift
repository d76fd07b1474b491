import Foundation
import Models
import TestSupport
import Testing

/// Names of older checkpoints, of the same length as today's so that nothing else moves.
private func renamed(_ directory: TemporaryDirectory, _ changes: [(String, String)]) throws {
  let path = directory.path + "/model.safetensors"
  let data = try Data(contentsOf: URL(fileURLWithPath: path))
  let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
  var header = String(decoding: data.dropFirst(8).prefix(length), as: UTF8.self)
  for (old, new) in changes { header = header.replacingOccurrences(of: old, with: new) }
  let count = UInt64(header.utf8.count)
  let prefix = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
  try directory.write("model.safetensors", prefix + Array(header.utf8) + [UInt8](data.dropFirst(8 + length)))
}

@Test func olderNamesAreUnderstood() throws {
  let source = Bundle.module.bundleURL.appendingPathComponent("Golden/tiny-bert")
  let directory = try TemporaryDirectory(copying: source)
  let today = try HuggingFaceModel(directory: directory.path)
  let changes = [
    ("\"embeddings.", "\"bert.embeddings."), ("\"encoder.", "\"bert.encoder."), ("LayerNorm.weight", "LayerNorm.gamma"),
    ("LayerNorm.bias", "LayerNorm.beta"),
  ]
  try renamed(directory, changes)
  #expect(try HuggingFaceModel(directory: directory.path).parameters == today.parameters)
}

@Test func aTensorUnderTwoNamesIsRefused() throws {
  let directory = try TemporaryDirectory(copying: Bundle.module.bundleURL.appendingPathComponent("Golden/tiny-bert"))
  try renamed(directory, [("\"pooler.dense.bias\"", "\"bert.encoder.layer.0.attention.self.query.bias\"")])
  #expect {
    try HuggingFaceModel(directory: directory.path)
  } throws: {
    "\($0)".contains("another spelling")
  }
}

@Test func unknownTensorsAreRefused() throws {
  let directory = try TemporaryDirectory(copying: Bundle.module.bundleURL.appendingPathComponent("Golden/tiny-bert"))
  try renamed(directory, [("\"pooler.dense.bias\"", "\"adapter.bias\"")])
  #expect {
    try HuggingFaceModel(directory: directory.path)
  } throws: {
    "\($0)".contains("tensor 'adapter.bias' has no place")
  }
}
