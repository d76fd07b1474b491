import Evaluation

/// A page about models, for people; it needs no other file.
package struct ReportPage: Sendable {
  /// What a part of a training took.
  package struct Cost: Sendable {
    let stage: String
    let steps: Int
    let samples: Int
    let seconds: Double

    package init(stage: String, steps: Int, samples: Int, seconds: Double) {
      (self.stage, self.steps, self.samples, self.seconds) = (stage, steps, samples, seconds)
    }
  }

  private let title: String
  private let sheets: [ModelSheet]
  private let costs: [Cost]

  package init(title: String, _ sheets: [ModelSheet], costs: [Cost]) {
    (self.title, self.sheets, self.costs) = (title, sheets, costs)
  }

  package var html: String {
    """
    <!doctype html>
    <html lang="en"><meta charset="utf-8"><title>\(title.escaped)</title>
    <meta name="viewport" content="width=device-width, initial-scale=1"><style>\(Self.style)</style>
    <h1>\(title.escaped)</h1>
    \([models, subsets, rates, calibration, training, everything].joined(separator: "\n"))
    </html>

    """
  }

  // MARK: Parts

  private var models: String {
    let rows = sheets.map { sheet in
      let whole = sheet.line(Self.whole(sheet), "top-1")
      let local = sheet.line("local " + Self.whole(sheet), "top-1")
      return [
        sheet.name, sheet.isBundle ? "INT8" : "float32", "\(sheet.parameters)", (Double(sheet.bytes) / 1e6).decimal(2),
        Self.percent(whole), Self.percent(local), sheet.curve.map { $0.milliseconds.decimal(2) } ?? "",
        sheet.curve?.points.last.map { $0.bytes.decimal(0) } ?? "", sheet.calibration.map { (100 * $0.expected).decimal(1) } ?? "",
      ]
    }
    return section(
      "Models", "Accuracy is that of known concepts with renderings and voices that were held out, with all modalities, in percent.",
      table(
        ["", "numbers", "parameters", "MB", "fusion %", "local fusion %", "ms a request", "bytes a request", "calibration error %"], rows))
  }

  /// The subset of all modalities that a model was asked with.
  private static func whole(_ sheet: ModelSheet) -> String {
    let subjects = sheet.reports.flatMap(\.lines).filter { $0.measure == "top-1" }.map(\.subject)
    let plain = subjects.filter { !$0.contains("local") && !$0.contains("damaged") && !$0.contains("zero-shot") }
    return plain.max { $0.split(separator: "+").count < $1.split(separator: "+").count } ?? ""
  }

  private static func percent(_ line: EvaluationReport.Line?) -> String {
    guard let line else { return "" }
    let interval = line.interval.map { " (\((100 * $0.lowerBound).decimal(1)) – \((100 * $0.upperBound).decimal(1)))" } ?? ""
    return (100 * line.value).decimal(1) + interval
  }

  private var subsets: String {
    var subjects: [String] = []
    for line in sheets.flatMap(\.reports).flatMap(\.lines) where line.measure == "top-1" && !subjects.contains(line.subject) {
      subjects.append(line.subject)
    }
    let bars = subjects.map { subject in
      BarChart.Group(name: subject, values: sheets.map { $0.line(subject, "top-1")?.value })
    }
    return section(
      "What each modality gives", "How often the likeliest concept is the right one.",
      BarChart(series: sheets.map(\.name), groups: bars).svg)
  }

  private var rates: String {
    let curves = sheets.compactMap { sheet in sheet.curve.map { (sheet.name, $0) } }
    guard !curves.isEmpty else { return "" }
    let rows = curves.flatMap { name, curve in
      curve.points.map { point in
        [
          name, point.share.description, point.bytes.decimal(0), (curve.rawBytes / point.bytes).decimal(1),
          (100 * point.accuracy).decimal(1),
        ]
      }
    }
    let chart = LineChart(
      x: "bytes a request", y: "accuracy", isLogarithmic: true,
      lines: curves.map { name, curve in LineChart.Line(name: name, points: curve.points.map { ($0.bytes, $0.accuracy) }) },
      marks: curves.prefix(1).map { ("picture, sound and text as files", $0.1.rawBytes) })
    return section(
      "Bytes and accuracy", "What crosses to a peer at each rate point, beside the files themselves.",
      chart.svg + table(["", "share of columns", "bytes a request", "times smaller than the files", "accuracy %"], rows))
  }

  private var calibration: String {
    let lines = sheets.compactMap { sheet in
      sheet.calibration.map { calibration in
        LineChart.Line(
          name: sheet.name,
          points: calibration.bins.filter { $0.count > 0 }.map { ($0.confidence / Double($0.count), Double($0.correct) / Double($0.count)) }
        )
      }
    }
    guard !lines.isEmpty else { return "" }
    let ideal = LineChart.Line(name: "as often right as confident", points: [(0, 0), (1, 1)])
    return section(
      "Confidence", "How often answers are right, by how confident they are.",
      LineChart(x: "confidence", y: "right", isLogarithmic: false, lines: [ideal] + lines, marks: []).svg)
  }

  private var training: String {
    guard !costs.isEmpty else { return "" }
    let rows = costs.map { cost in
      [
        cost.stage, "\(cost.steps)", "\(cost.samples)", (cost.seconds / 60).decimal(1),
        cost.seconds > 0 ? (Double(cost.samples) / cost.seconds).decimal(0) : "",
      ]
    }
    return section("What training took", "", table(["stage", "steps", "samples", "minutes", "samples a second"], rows))
  }

  private var everything: String {
    let parts = sheets.map { sheet in
      let rows = sheet.reports.flatMap { report in
        report.lines.map { line in
          [
            line.subject, line.measure, line.value.decimal(4),
            line.interval.map { "\($0.lowerBound.decimal(4)) – \($0.upperBound.decimal(4))" } ?? "", "\(line.count)",
          ]
        }
      }
      let body = table(["", "measure", "value", "95 %", "examples"], rows)
      return "<details><summary>\(sheet.name.escaped)</summary>\(body)</details>"
    }
    return section("Everything that was measured", "", parts.joined(separator: "\n"))
  }

  // MARK: HTML

  private func section(_ title: String, _ words: String, _ body: String) -> String {
    "<section><h2>\(title.escaped)</h2>\(words.isEmpty ? "" : "<p>\(words.escaped)</p>")\n\(body)</section>"
  }

  private func table(_ header: [String], _ rows: [[String]]) -> String {
    func row(_ cells: [String], _ tag: String) -> String {
      "<tr>" + cells.map { "<\(tag)>\($0.escaped)</\(tag)>" }.joined() + "</tr>"
    }
    return "<table>\(row(header, "th"))\n\(rows.map { row($0, "td") }.joined(separator: "\n"))</table>"
  }

  private static let style = """
    body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#222;background:#fafafa}
    h1,h2{font-weight:600}section{background:#fff;border:1px solid #ddd;border-radius:8px;padding:1rem 1.5rem;margin:1rem 0;overflow-x:auto}
    table{border-collapse:collapse}td,th{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #eee;white-space:nowrap}
    td:first-child,th:first-child{text-align:left}svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:#444}
    """
}

extension String {
  /// As text of a page.
  var escaped: String {
    reduce(into: "") { text, character in
      switch character {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case "\"": text += "&quot;"
      default: text.append(character)
      }
    }
  }
}
