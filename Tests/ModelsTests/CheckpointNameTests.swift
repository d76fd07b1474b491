import Foundation
import Models
import TestSupport
import Testing

@Test func olderNamesAreUnderstood() throws {
  let source = Bundle.module.bundleURL.appendingPathComponent("Golden/tiny-bert")
  let directory = try TemporaryDirectory(copying: source)
  let today = try HuggingFaceModel(directory: directory.path)
  let changes = [
    ("\"embeddings.", "\"bert.embeddings."), ("\"encoder.", "\"bert.encoder."), ("LayerNorm.weight", "LayerNorm.gamma"),
    ("LayerNorm.bias", "LayerNorm.beta"),
  ]
  try directory.renameTensors(changes)
  #expect(try HuggingFaceModel(directory: directory.path).parameters == today.parameters)
}

@Test func aTensorUnderTwoNamesIsRefused() throws {
  let directory = try TemporaryDirectory(copying: Bundle.module.bundleURL.appendingPathComponent("Golden/tiny-bert"))
  try directory.renameTensors([("\"pooler.dense.bias\"", "\"bert.encoder.layer.0.attention.self.query.bias\"")])
  #expect {
    try HuggingFaceModel(directory: directory.path)
  } throws: {
    "\($0)".contains("another spelling")
  }
}

@Test func unknownTensorsAreRefused() throws {
  let directory = try TemporaryDirectory(copying: Bundle.module.bundleURL.appendingPathComponent("Golden/tiny-bert"))
  try directory.renameTensors([("\"pooler.dense.bias\"", "\"adapter.bias\"")])
  #expect {
    try HuggingFaceModel(directory: directory.path)
  } throws: {
    "\($0)".contains("tensor 'adapter.bias' has no place")
  }
}
