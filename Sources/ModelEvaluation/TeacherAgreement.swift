import Autograd
package import Dataset
package import Evaluation
import ModelGraph
import Models
import Training

/// How near a model's embeddings of texts are to those of another that it learnt from, whatever tokens either has.
package struct TeacherAgreement: Sendable {
  /// The cosine of a text's two embeddings, mean.
  package let cosine: Double
  /// How often the nearest of the teacher's embeddings is that of the same text.
  package let recall: Double
  /// Between the similarities of all pairs of texts, for the one and for the other. (Spearman 1904)
  package let correlation: Double
  package let texts: Int

  /// Texts of a split, `most` at most, of models whose embeddings have the same width; nil where one of them embeds no texts.
  package init?(
    _ model: some MultimodalAnswers, teacher: some MultimodalAnswers, set: DatasetDirectory, split: String, atMost most: Int
  ) throws {
    guard let own = try Self.embeddings(model, set, split, most), let other = try Self.embeddings(teacher, set, split, most),
      own.columns == other.columns, own.rows == other.rows, own.rows > 1
    else { return nil }
    texts = own.rows
    cosine = (0..<own.rows).reduce(0) { $0 + Self.product(own[row: $1], other[row: $1]) } / Double(own.rows)
    recall = MutualRetrieval(own, other, groups: Array(0..<own.rows)).forward.recall(at: 1)
    correlation = RankCorrelation(Self.similarities(own), Self.similarities(other)).value
  }

  private static func embeddings(
    _ answers: some MultimodalAnswers, _ set: DatasetDirectory, _ split: String, _ most: Int
  ) throws -> Matrix? {
    var answers = answers
    let preparation = try SamplePreparation(image: nil, sound: nil, tokenizer: answers.tokenizer, rate: set.description.rate)
    let stream = try SampleStream(shards: set.shards(of: split), order: .stored, batch: 32, seed: 1)
    let loader = try Loader(stream) { sample, random throws(SampleFault) in try preparation.prepare(sample, [.text], &random) }
    let inputs = ExampleInputs(answers.graph)
    var (values, count): ([Float], Int) = ([], 0)
    while count < most, let samples = try loader.next() {
      for outputs in try answers(samples.prefix(most - count).map { inputs.example($0, [.text]) }) {
        guard let embedding = outputs["text-embedding"] ?? outputs["embedding"] else { return nil }
        values += embedding
        count += 1
      }
    }
    return count == 0 ? nil : Matrix(rows: count, columns: values.count / count, values: values)
  }

  private static func product(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  private static func similarities(_ rows: Matrix) -> [Double] {
    (0..<rows.rows).flatMap { first in (0..<first).map { product(rows[row: first], rows[row: $0]) } }
  }
}

extension TeacherAgreement {
  package func report(split: String) -> EvaluationReport {
    var report = EvaluationReport("\(split): \(texts) texts, beside the teacher")
    report.add("text", "cosine", cosine, of: texts)
    report.add("text → teacher's text", "recall@1", recall, of: texts)
    report.add("similarities", "rank correlation", correlation, of: texts * (texts - 1) / 2)
    return report
  }
}
