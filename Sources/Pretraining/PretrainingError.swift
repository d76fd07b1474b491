package import Autograd
package import Dataset
package import Distillation
package import Models
package import Training

/// Why a pretraining cannot begin or go on.
package enum PretrainingError: Error {
  case experiment(ImportError)
  case dataset(DatasetError)
  case model(ImportError)
  case graph(InterpreterError)
  case preparation(PreparationError)
  case training(TrainingError)
  case unwritable(MultimodalWriteError)
  case reinforcement(ReinforcementError)
  /// The teacher cannot teach on the set.
  case teacher(PreparationError)
  /// A stage's task needs what the model lacks.
  case impossible(stage: String, task: String, obstacle: String)
  /// `frozen` of a stage names what no parameter's name begins with.
  case unknownParameters(stage: String, String)
  /// The vocabulary has no [MASK].
  case noMask
  /// A checkpoint has no parameter that belongs to the encoder.
  case nothingTaken(from: String, encoder: String, expected: String)
  /// The directory has a training of another experiment.
  case otherExperiment(directory: String)
  case directory(path: String, reason: String)
}

extension PretrainingError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .experiment(let error), .model(let error): "\(error)"
    case .dataset(let error): "\(error)"
    case .graph(let error): "\(error)"
    case .preparation(let error): "\(error)"
    case .training(let error): "\(error)"
    case .unwritable(let error): "\(error)"
    case .reinforcement(let error): "\(error)"
    case .teacher(let error): "teacher.model: \(error)"
    case .impossible(let stage, let task, let obstacle): "stages.\(stage).tasks: the model has \(obstacle) for '\(task)'"
    case .unknownParameters(let stage, let prefix): "stages.\(stage).frozen has '\(prefix)', but no parameter's name begins so"
    case .noMask: "the task 'masked-text' needs a vocabulary with [MASK]"
    case .nothingTaken(let file, let encoder, let expected):
      "model.\(encoder).from: \(file) lacks '\(expected)' in the sizes that the experiment gives the encoder"
    case .otherExperiment(let directory):
      "\(directory) holds a training of another experiment (only stages that have not begun may change): give another --out, or remove it"
    case .directory(let path, let reason): "\(path): \(reason)"
    }
  }
}
