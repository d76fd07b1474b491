import ModelGraph
import TestSupport
import Testing

import BundleFormat

/// Changes bytes where they mean something: counts, lengths, types and offsets.
private struct Mutator {
  private let golden: [UInt8]
  private let headerEnd: Int
  /// Where lengths, counts, types and values start.
  private let places: [Int]
  /// Where digits stand in the lines that describe the graph.
  private let digits: [Int]
  private var generator: SeededGenerator

  init(_ golden: [UInt8], seed: UInt64) throws {
    self.golden = golden
    let header = try GGUFHeader(golden.span)
    headerEnd = header.end
    let values = header.entries.flatMap { entry in [-12, -8, -4, 0].map { entry.bytes.lowerBound + $0 } }
    let tensors = header.tensors.flatMap { tensor in
      let name = tensor.position + 8 + tensor.name.utf8.count
      return [tensor.position, name, name + 4, name + 4 + 8 * tensor.dimensions.count, name + 8 + 8 * tensor.dimensions.count]
    }
    places = [0, 4, 8, 16] + values + tensors
    let lines = header.entries.filter { $0.key.hasPrefix("tributary.graph.") }
    digits = lines.flatMap { $0.bytes }.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(golden[$0]) }
    generator = SeededGenerator(seed: seed)
  }

  /// A number at which a check may be off by one, or any.
  private mutating func number() -> UInt64 {
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: UInt64.random(in: 0..<16, using: &generator)
    case 1: (1 << UInt64.random(in: 0..<64, using: &generator)) &+ UInt64.random(in: 0..<3, using: &generator) &- 1
    case 2: UInt64(golden.count) &+ UInt64.random(in: 0..<64, using: &generator) &- 32
    default: generator.next()
    }
  }

  private mutating func write(_ number: UInt64, width: Int, at place: Int, in bytes: inout [UInt8]) {
    for byte in 0..<width where place + byte < bytes.count { bytes[place + byte] = UInt8(truncatingIfNeeded: number >> UInt64(8 * byte)) }
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    let place = places.randomElement(using: &generator) ?? 0
    let anywhere = Int.random(in: 0..<headerEnd, using: &generator)
    switch Int.random(in: 0..<(digits.isEmpty ? 8 : 12), using: &generator) {
    case 8...:
      let digit = digits.randomElement(using: &generator) ?? 0
      bytes[digit] = UInt8.random(in: UInt8(ascii: "0")...UInt8(ascii: "9"), using: &generator)
    case 0: write(number(), width: 8, at: place, in: &bytes)
    case 1, 2: write(number(), width: 4, at: place, in: &bytes)
    case 3: write(number(), width: 1, at: place, in: &bytes)
    case 4: bytes[anywhere] = UInt8.random(in: 0...255, using: &generator)
    case 5: bytes[anywhere] = Array(" ,=[]0123456789.aeinotx".utf8).randomElement(using: &generator) ?? 0
    case 6: bytes.remove(at: anywhere)
    default:
      let source = Int.random(in: 0..<headerEnd - 32, using: &generator)
      bytes.replaceSubrange(anywhere..<anywhere, with: bytes[source..<source + Int.random(in: 1...32, using: &generator)])
    }
  }

  /// A bundle with one to three changes, mostly with its header's hash made right again.
  mutating func next() -> (bytes: [UInt8], isSealed: Bool) {
    var bytes = golden
    for _ in 0..<Int.random(in: 1...3, using: &generator) { mutate(&bytes) }
    let isSealed = Int.random(in: 0..<8, using: &generator) > 0 && (try? BundleWriter.seal(&bytes)) != nil
    return (bytes, isSealed)
  }
}

@Suite struct FuzzTests {
  @Test(arguments: 1...4)
  func mutatedBundlesGiveAnErrorOrABundleThatIsWhole(seed: UInt64) throws {
    let original = try golden("tiny-3.gguf")
    let graph = try BundleHeader(file: original.span).graph
    var mutator = try Mutator(original, seed: seed)
    var opened = 0
    var deep = 0
    for _ in 0..<scaled(15_000) {
      let (bytes, isSealed) = mutator.next()
      do throws(BundleError) {
        let header = try BundleHeader(file: bytes.span)
        opened += 1
        #expect(isSealed || bytes == original)
        #expect(header.payloadStart + header.layout.size == bytes.count)
        // Only a graph of the same parameters fits the same segments.
        #expect(header.graph.parameters.count == graph.parameters.count)
      } catch {
        if !error.description.contains("SHA-256") { deep += 1 }
      }
    }
    #expect(opened > 0 && deep > 0, "mutations must reach past the hash")
  }

  /// Of graphs with all operations, by chance.
  @Test(arguments: 1...4)
  func mutatedGraphsGiveAnErrorOrABundleThatIsWhole(seed: UInt64) throws {
    var opened = 0
    for number in 0..<UInt64(scaled(500)) {
      guard let graph = RandomGraph.make(seed: 1000 * seed + number) else { continue }
      var contents = BundleContents(name: "random", random: graph, seed: number)
      contents.confidence = Confidence(temperature: 2, threshold: 0.5)
      guard let original = try? BundleWriter.serialize(contents) else { continue }
      var mutator = try Mutator(original, seed: number)
      for _ in 0..<40 {
        let (bytes, _) = mutator.next()
        guard let header = try? BundleHeader(file: bytes.span) else { continue }
        opened += 1
        #expect(header.payloadStart + header.layout.size == original.count)
        #expect(header.confidence.map { Confidence.temperatures.contains($0.temperature) } ?? true)
      }
    }
    #expect(opened > 0)
  }

  @Test func damagedContainersOfOthersNeverTrap() throws {
    let original = try golden("foreign.gguf")
    var mutator = try Mutator(original, seed: 9)
    var opened = 0
    for _ in 0..<scaled(20_000) {
      let (bytes, _) = mutator.next()
      guard let header = try? GGUFHeader(bytes.span) else { continue }
      opened += 1
      #expect(header.entries.allSatisfy { $0.bytes.upperBound <= header.end } && header.end <= bytes.count)
    }
    #expect(opened > 0)
  }
}
