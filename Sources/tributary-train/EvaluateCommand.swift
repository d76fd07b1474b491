import ArgumentParser
import Autograd
import Dataset
import Evaluation
import Foundation
import ModelEvaluation
import Models
import Training

/// `tributary-train evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Tells what a model of several modalities can do with samples that it has not learnt from.",
    discussion: """
      The model is a directory that `pretrain` wrote, in float, or a bundle, in integers. Of known concepts with new voices and \
      renderings it tells retrieval between all modalities, and how often the fusion is right with each subset of them, whole and \
      damaged; of concepts never seen how often the nearest prompt is the right one.

      Examples:
        tributary-train evaluate teacher/model --data pictograms
        tributary-train evaluate student.gguf --data pictograms --samples 500 --json
        tributary-train evaluate student/model --data sentences --against all-MiniLM-L6-v2
      """)

  @Argument(help: ArgumentHelp("A model's directory, or a bundle.", valueName: "model"), completion: .file())
  var model: String

  @Option(help: ArgumentHelp("The set of samples.", valueName: "directory"), completion: .directory)
  var data: String

  @Option(
    help: ArgumentHelp("A model's directory: tell how near embeddings of held-out texts are to its.", valueName: "teacher"),
    completion: .directory)
  var against: String?

  @Option(help: ArgumentHelp("How many samples of each split are looked at, at most.", valueName: "count"))
  var samples = 2000

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  func validate() throws {
    if samples < 2 { throw ValidationError("--samples wants a number from 2, not \(samples)") }
  }

  func run() throws {
    do {
      let set = try DatasetDirectory(data)
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: model, isDirectory: &isDirectory) else {
        throw Failure.unreadable("\(model) cannot be read: there is no such file")
      }
      let reports =
        isDirectory.boolValue
        ? try reports(FloatAnswers(HuggingFaceModel(directory: model), workers: Workers(count: threads.count)), set)
        : try reports(BundleAnswers(path: model, threads: threads.count), set)
      print(json ? Self.json(reports) : reports.map(\.report.table).joined(separator: "\n\n"))
    } catch {
      throw Failure(error).report()
    }
  }

  private typealias Report = (split: String, report: EvaluationReport)

  private static func json(_ reports: [Report]) -> String {
    "{" + reports.map { "\"\($0.split)\":\($0.report.json)" }.joined(separator: ",") + "}"
  }

  private func reports(_ answers: some MultimodalAnswers, _ set: DatasetDirectory) throws -> [Report] {
    var evaluation = try ModelEvaluation(answers, set: set, atMost: samples)
    var reports: [Report] = []
    if let against {
      guard set.description.splits.contains(where: { $0.name == "held-out" }) else {
        throw Failure.badData("--against: \(data) has no split held-out, as a set of `tributary-train dataset texts` has")
      }
      let teacher = try FloatAnswers(HuggingFaceModel(directory: against), workers: Workers(count: threads.count))
      guard let agreement = try TeacherAgreement(answers, teacher: teacher, set: set, split: "held-out", atMost: samples) else {
        throw Failure.badData("--against: \(against) and \(model) must both embed texts, in as many numbers")
      }
      reports.append(("held-out", agreement.report(split: "held-out")))
    }
    reports += try evaluation.reports()
    guard reports.contains(where: { !$0.report.lines.isEmpty }) else {
      throw Failure.badData("\(data) has none of the splits renderings and zero-shot, nor held-out with --against")
    }
    return reports
  }
}
