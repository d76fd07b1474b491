import Models
import TestSupport
import Testing

/// A file of this header and data.
private func bytes(_ header: String, data: [UInt8] = []) -> [UInt8] {
  let length = UInt64(header.utf8.count)
  return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8) + data
}

private func open(_ bytes: [UInt8]) throws -> Safetensors {
  let directory = try TemporaryDirectory()
  return try Safetensors(path: directory.write("model.safetensors", bytes))
}

/// Two tensors and metadata.
private let sound = bytes(
  #"{"__metadata__":{"format":"pt"},"b":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"#
    + #""a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}} "#,
  data: [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 1, 2, 3, 4, 5, 6, 7, 8])

@Test func tensorsComeInTheOrderOfTheirBytes() throws {
  let file = try open(sound)
  #expect(file.entries.map(\.name) == ["a", "b"])
  #expect(file.entries.map(\.shape) == [[2, 1], []])
  #expect(file.entries.map(\.type) == [.float32, .int64])
  #expect(try file.floats(file.entries[0]) == [1, -2])
}

@Test(arguments: [
  ("F16", [0x00, 0x3C, 0x00, 0xC1, 0xFF, 0x7B] as [UInt8], [1, -2.5, 65504] as [Float]),
  ("BF16", [0x80, 0x3F, 0x20, 0xC0, 0x00, 0x00], [1, -2.5, 0]),
  ("F64", [0, 0, 0, 0, 0, 0, 0xF0, 0x3F], [1]),
])
func floatingTypesBecomeFloat(type: String, data: [UInt8], expected: [Float]) throws {
  let file = try open(bytes(#"{"x":{"dtype":"\#(type)","shape":[\#(expected.count)],"data_offsets":[0,\#(data.count)]}}"#, data: data))
  #expect(try file.floats(file.entries[0]) == expected)
}

@Test func integersAndInfinitiesAreNoWeights() throws {
  let file = try open(sound)
  #expect(throws: ImportError.self) { try file.floats(file.entries[1]) }
  let infinite = try open(bytes(#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, data: [0, 0, 0x80, 0x7F]))
  #expect {
    try infinite.floats(infinite.entries[0])
  } throws: {
    "\($0)".contains("tensor 'x', field 'data'")
  }
}

@Test(arguments: [
  ("gap", #"{"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, "data_offsets"),
  ("overlap", #"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, "overlaps"),
  ("same bytes", #"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, "overlaps"),
  ("bytes left", #"{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, "after the last tensor"),
  ("past the end", #"{"x":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}"#, "inside the 2 bytes"),
  ("backwards", #"{"x":{"dtype":"U8","shape":[0],"data_offsets":[2,1]}}"#, "no range"),
  ("too small", #"{"x":{"dtype":"U16","shape":[2],"data_offsets":[0,2]}}"#, "do not hold"),
  ("overflow", #"{"x":{"dtype":"U8","shape":[4611686018427387904,4],"data_offsets":[0,2]}}"#, "do not hold"),
  ("negative size", #"{"x":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}}"#, "'shape': -2"),
  ("negative offset", #"{"x":{"dtype":"U8","shape":[2],"data_offsets":[-1,2]}}"#, "'data_offsets': -1"),
  ("fraction", #"{"x":{"dtype":"U8","shape":[2.0],"data_offsets":[0,2]}}"#, "no size"),
  ("huge number", #"{"x":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,2]}}"#, "no size"),
  ("many dimensions", #"{"x":{"dtype":"U8","shape":[2,1,1,1,1,1,1,1,1],"data_offsets":[0,2]}}"#, "more than 8"),
  ("three offsets", #"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,1,2]}}"#, "more than 2"),
  ("one offset", #"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0]}}"#, "no range"),
  ("unknown type", #"{"x":{"dtype":"F7","shape":[2],"data_offsets":[0,2]}}"#, "'dtype'"),
  ("no type", #"{"x":{"shape":[2],"data_offsets":[0,2]}}"#, "x.dtype"),
  ("unknown field", #"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"y":1}}"#, "field 'y'"),
  ("not an object", #"{"x":[]}"#, "expected an object"),
  ("twice", #"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"x":1}"#, "stands twice"),
  ("twice in escapes", #"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"\u0078":1}"#, "stands twice"),
  ("metadata", #"{"__metadata__":{"a":1},"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, "__metadata__"),
  ("list", "[]", "begin with '{'"),
  ("space first", " {}", "begin with '{'"),
  ("rubbish after", "{} x", "expected the end"),
  ("cut", #"{"x":{"dtype":"U8","#, "expected"),
  ("deep", "{\"x\":" + String(repeating: "[", count: 100_000), "nesting"),
])
func damagedHeadersAreRefused(_: String, header: String, message: String) throws {
  #expect {
    try open(bytes(header, data: [0, 0]))
  } throws: {
    "\($0)".contains("model.safetensors") && "\($0)".contains(message)
  }
}

@Test func headerLengthsAreBounded() throws {
  for length in [UInt64(16 << 20) + 1, 1 << 31, 1 << 62, 1 << 63, .max] {
    let file = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array("{}".utf8)
    #expect(throws: ImportError.self) { try open(file) }
  }
}

@Test func everyTruncationIsRefused() throws {
  for count in 0..<sound.count { #expect(throws: ImportError.self, "\(count)") { try open(Array(sound.prefix(count))) } }
}

/// Whatever the damage: a typed error, or a file whose tensors all lie inside it.
@Test func randomDamageNeverCrashes() throws {
  var generator = SeededGenerator(seed: 1)
  let directory = try TemporaryDirectory()
  var accepted = 0
  for _ in 0..<20_000 {
    var damaged = sound
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
    }
    do {
      let file = try Safetensors(path: directory.write("x", damaged))
      for entry in file.entries { #expect(entry.bytes.lowerBound >= 8 && entry.bytes.upperBound <= damaged.count) }
      accepted += 1
    } catch {
      #expect(error is ImportError)
    }
  }
  #expect((100..<15_000).contains(accepted))
}

@Test func missingFilesAreNamed() {
  #expect {
    try Safetensors(path: "/nowhere/model.safetensors")
  } throws: {
    "\($0)" == "/nowhere/model.safetensors cannot be read: No such file or directory"
  }
}
