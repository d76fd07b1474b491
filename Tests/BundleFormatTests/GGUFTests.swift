import Testing

import BundleFormat

/// The container alone. `foreign.gguf` comes from the `gguf` package: tools/oracles/gguf_check.py.
@Suite struct GGUFTests {
  @Test func aFileOfAnotherWriterIsRead() throws {
    let bytes = try golden("foreign.gguf")
    let header = try GGUFHeader(bytes.span)
    #expect(try header.string("general.architecture", bytes.span) == "other")
    #expect(try header.string("general.name", bytes.span) == "naïve")
    #expect(header.alignment == 64)
    let values: [(String, GGUFType, [UInt8])] = [
      ("uint8", .uint8, [255]), ("int8", .int8, [128]), ("uint16", .uint16, [255, 255]), ("int16", .int16, [0, 128]),
      ("uint32", .uint32, [255, 255, 255, 255]), ("int32", .int32, [0, 0, 0, 128]),
      ("uint64", .uint64, [255, 255, 255, 255, 255, 255, 255, 255]), ("int64", .int64, [0, 0, 0, 0, 0, 0, 0, 128]),
      ("float32", .float32, [0xcd, 0xcc, 0xcc, 0x3d]), ("float64", .float64, [0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f]),
      ("bool", .bool, [1]),
    ]
    for (name, type, expected) in values {
      let entry = try #require(header["value.\(name)"])
      #expect(entry.type == type && !entry.isArray && Array(bytes[entry.bytes]) == expected, "\(name)")
    }
    #expect(try header.bool("value.bool", bytes.span))
    #expect(try header.uint32("value.uint32", bytes.span) == .max)
    #expect(try header.floats("array.float", bytes.span) == [0.5, -0.25])
    #expect(try header.texts("array.text").count == 3)
    let numbers = try #require(header["array.number"])
    #expect(numbers.type == .int32 && numbers.isArray && numbers.count == 3 && numbers.bytes.count == 12)
    #expect(header.tensors.map { $0.name } == ["matrix", "bytes", "numbers"])
    #expect(header.tensors.map { $0.dimensions } == [[2, 3], [8], [5]])
    #expect(header.tensors.map { $0.type } == [0, 24, 26])
    let data = header.dataStart + header.tensors[1].dataOffset
    #expect(Array(bytes[data..<data + 8]) == [252, 253, 254, 255, 0, 1, 2, 3])
  }

  @Test func valuesAreOfTheTypeThatIsAskedFor() throws {
    let bytes = try golden("foreign.gguf")
    let header = try GGUFHeader(bytes.span)
    #expect(throws: BundleError.missing(field: "none")) { try header.uint32("none", bytes.span) }
    for key in ["value.int32", "array.number", "general.name"] {
      let offset = try #require(header[key]).bytes.lowerBound
      #expect(throws: BundleError.wrongType(field: key, offset: offset)) { try header.uint32(key, bytes.span) }
    }
  }

  /// A header of one key, with an array of that type and count and nothing behind it.
  private func array(of type: UInt32, count: UInt64) -> [UInt8] {
    var bytes = header(tensors: 0, keys: 1)
    bytes.append(string: Array("key".utf8))
    bytes.append(littleEndian: GGUFType.array.rawValue)
    bytes.append(littleEndian: type)
    bytes.append(littleEndian: count)
    return bytes
  }

  private func header(tensors: UInt64, keys: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: GGUF.magic)
    bytes.append(littleEndian: GGUF.version)
    bytes.append(littleEndian: tensors)
    bytes.append(littleEndian: keys)
    return bytes
  }

  /// The sizes at which checks may be off by one or overflow.
  private static let sizes: [UInt64] = (1..<64).flatMap { (power: UInt64) -> [UInt64] in
    let size: UInt64 = 1 << power
    return [size - 1, size, size + 1]
  }

  @Test func declaredSizesThatAreNotThereAreRefused() {
    for size in Self.sizes {
      for bytes in [header(tensors: size, keys: 0), header(tensors: 0, keys: size), header(tensors: size, keys: size)] {
        #expect(throws: BundleError.self) { try GGUFHeader(bytes.span) }
      }
      for type in UInt32(0)...12 where type != GGUFType.array.rawValue {
        #expect(throws: BundleError.truncated(field: "key", offset: 43)) { try GGUFHeader(array(of: type, count: size).span) }
      }
      var key = header(tensors: 0, keys: 1)
      key.append(littleEndian: size)
      key += [UInt8](repeating: 0x61, count: 16)
      #expect(throws: BundleError.self) { try GGUFHeader(key.span) }
    }
  }

  @Test func arraysOfArraysAndUnknownTypesAreRefused() {
    for type: UInt32 in [9, 13, .max] {
      #expect(throws: BundleError.badValue(field: "key", offset: 39)) { try GGUFHeader(array(of: type, count: 0).span) }
    }
  }

  /// A header of one tensor.
  private func tensor(rank: UInt32, _ dimensions: [UInt64], offset: UInt64 = 0) -> [UInt8] {
    var bytes = header(tensors: 1, keys: 0)
    bytes.append(string: Array("x".utf8))
    bytes.append(littleEndian: rank)
    for dimension in dimensions { bytes.append(littleEndian: dimension) }
    bytes.append(littleEndian: UInt32(0))
    bytes.append(littleEndian: offset)
    return bytes
  }

  @Test func shapesAndOffsetsOfTensorsAreChecked() throws {
    #expect(try GGUFHeader(tensor(rank: 2, [3, 2], offset: 32).span).tensors.first?.dimensions == [2, 3])
    #expect(throws: BundleError.badValue(field: "x", offset: 24)) { try GGUFHeader(tensor(rank: 0, []).span) }
    #expect(throws: BundleError.badValue(field: "x", offset: 24)) { try GGUFHeader(tensor(rank: 5, [1, 1, 1, 1, 1]).span) }
    #expect(throws: BundleError.badValue(field: "x", offset: 24)) { try GGUFHeader(tensor(rank: 2, [1, 0]).span) }
    #expect(throws: BundleError.badValue(field: "x", offset: 24)) { try GGUFHeader(tensor(rank: 1, [1], offset: 33).span) }
    #expect(throws: BundleError.tooLarge(field: "x", offset: 24, limit: .max)) { try GGUFHeader(tensor(rank: 2, [1 << 32, 1 << 31]).span) }
    #expect(throws: BundleError.self) { try GGUFHeader(tensor(rank: 1, [.max]).span) }
    #expect(throws: BundleError.self) { try GGUFHeader(tensor(rank: 1, [1], offset: .max - 31).span) }
  }

  @Test func otherVersionsAreRefused() {
    for version: UInt8 in [0, 1, 2, 4] {
      var bytes = header(tensors: 0, keys: 0)
      bytes[4] = version
      #expect(throws: BundleError.unsupportedVersion(what: "GGUF", found: UInt32(version), expected: 3)) { try GGUFHeader(bytes.span) }
    }
  }

  @Test func aHeaderAboveTheLimitIsRefused() throws {
    var bytes = header(tensors: 0, keys: 1)
    bytes.append(string: Array("general.text".utf8))
    bytes.append(littleEndian: GGUFType.string.rawValue)
    bytes.append(string: [UInt8](repeating: 0x61, count: GGUF.maximumHeaderSize))
    let found = #expect(throws: BundleError.self) { try BundleHeader(file: bytes.span) }
    #expect(found == .tooLarge(field: "general.text", offset: 56, limit: GGUF.maximumHeaderSize))
  }
}
