import ModelGraph
import Testing

import BundleFormat

/// The writer refuses what the reader would.
@Suite struct WriterTests {
  private func error(_ change: (inout BundleContents) -> Void) throws -> BundleError? {
    var contents = try SampleModel.contents()
    change(&contents)
    do throws(BundleError) {
      _ = try BundleWriter.serialize(contents)
      return nil
    } catch {
      return error
    }
  }

  private func id(_ name: String) throws -> TensorID {
    TensorID(try #require(try SampleModel.graph().tensors.firstIndex { $0.name == name }))
  }

  @Test func valuesMustFitTheGraph() throws {
    let (bias, weight) = (try id("wide.bias"), try id("wide.weight"))
    let scales = [Float](repeating: 1, count: 18)
    let weights = [Int8](repeating: 1, count: 144)
    for data: ParameterData? in [
      nil, .float32([1]), .float32([Float](repeating: .nan, count: 18)), .float32([Float](repeating: 0x1.8p64, count: 18)),
      .int8Rows(values: weights, scales: scales),
    ] {
      guard case .badContents("wide.bias", _)? = try error({ $0.parameters[bias] = data }) else {
        Issue.record("written: \(String(describing: data))")
        continue
      }
    }
    for data: ParameterData in [
      .float32([Float](repeating: 0, count: 144)), .int8Rows(values: weights, scales: [1]), .int8Rows(values: [1], scales: scales),
      .int8Rows(values: weights.dropLast() + [-128], scales: scales), .int8Rows(values: weights, scales: scales.dropLast() + [0]),
    ] {
      guard case .badContents("wide.weight", _)? = try error({ $0.parameters[weight] = data }) else {
        Issue.record("written: \(data)")
        continue
      }
    }
    #expect(try error { $0.parameters[weight] = .int8Rows(values: weights, scales: scales) } == nil)
  }

  @Test func nothingBesideTheGraphIsWritten() throws {
    #expect(try error { $0.parameters[TensorID(0)] = .float32([]) } != nil)
    for key in ["general.name", "tributary.format", "tokenizer.ggml.model", "general.a b", "general.é", "other"] {
      #expect(try error { $0.notes = [Note(key: key, text: "")] } != nil, "\(key)")
    }
    #expect(try error { $0.notes += $0.notes } != nil)
  }

  @Test func theTokenizerMustFitTheGraph() throws {
    #expect(try error { $0.tokenizer?.tokens.append(Array("dog".utf8)) } != nil, "more tokens than the table has rows")
    #expect(try error { $0.tokenizer?.options.maximumTokens = 7 } != nil)
    #expect(try error { $0.tokenizer?.options.pad = -1 } != nil)
    #expect(try error { $0.tokenizer?.options.unknown = 9 } != nil)
  }

  @Test func aFolderThatIsMissingIsNamed() throws {
    let contents = try SampleModel.contents()
    let error = #expect(throws: BundleError.self) { try BundleWriter.write(contents, to: "missing-folder/model.gguf") }
    #expect(error?.description.contains("No such file or directory") == true)
  }
}
