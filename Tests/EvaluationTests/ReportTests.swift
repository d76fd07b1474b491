import Autograd
import Evaluation
import JSONFormat
import Testing

@Suite struct ReportTests {
  /// The accuracies of samples drawn again are binomial: their percentiles are known.
  @Test func intervalsAreThoseOfTheBinomial() throws {
    let golden = try GoldenEvaluation.read()
    let hits = (0..<200).map { $0 < 140 }
    let interval = BootstrapInterval(hits)
    #expect(abs(interval.bounds.lowerBound - golden.interval[0]) <= 0.01 && abs(interval.bounds.upperBound - golden.interval[1]) <= 0.01)
    #expect(interval == BootstrapInterval(hits) && interval == BootstrapInterval(hits.reversed()))
    #expect(interval != BootstrapInterval(hits, resamples: 50, seed: 2))
    #expect(BootstrapInterval(hits, confidence: 0.5).bounds.lowerBound > interval.bounds.lowerBound)
    #expect(BootstrapInterval([true, true]).bounds == 1...1)
  }

  @Test func reportsAreTablesAndJson() throws {
    var report = EvaluationReport("a \"set\"")
    let rows = Matrix([[1, 0], [0, 1]])
    report.add(MutualRetrieval(rows, Matrix([[1, 0], [1, 0]])), "image", "text", at: [1])
    var subsets = SubsetAccuracy(modalities: ["image", "sound"])
    subsets.add([true, false], with: ["image", "sound"])
    report.add(subsets)
    report.add(Accuracy(rows, targets: [0, 1]), "alone", top: [1])
    report.add("all", "loss", .infinity, of: 2)
    #expect(
      report.table == """
        a "set"
                      measure    value             95 %  examples
        image → text  recall@1  0.0000                          2
        text → image  recall@1  0.5000                          2
        image+sound   accuracy  0.5000                          2
        alone         top-1     1.0000  1.0000 – 1.0000         2
        all           loss         inf                          2
        """)
    let json = try JsonParser.parse(Array(report.json.utf8))
    #expect(json["title"] == .string("a \"set\""))
    guard case .array(let measures)? = json["measures"] else {
      Issue.record("\(report.json)")
      return
    }
    #expect(measures.map { $0["subject"] } == ["image → text", "text → image", "image+sound", "alone", "all"].map { .string($0) })
    #expect(measures[1]["value"] == .number(0.5) && measures[4]["value"] == .null && measures[1]["interval"] == nil)
    #expect(measures[3]["interval"] == .array([.number(1), .number(1)]) && measures[3]["examples"] == .integer(2))
  }

  @Test func numbersHaveTheDecimalsAskedFor() {
    #expect([0.05, -0.04, 2.5, 1e300, -1.25].map { $0.decimal(1) } == ["0.1", "0.0", "2.5", "1e+300", "-1.3"])
    #expect(1234.5.decimal(0) == "1235" && Double.nan.decimal(2) == "nan" && 0.0123.decimal(3) == "0.012")
  }
}
