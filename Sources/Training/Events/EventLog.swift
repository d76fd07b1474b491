import BundleFormat
import Glibc

/// Writes what happens in a training as files that TensorBoard shows, one for each run of the program in the same directory. Each event
/// is in the file when `write` returns, so a program that is killed loses none.
package final class EventLog {
  package let path: String
  private let descriptor: Int32
  private let clock: () -> Double

  /// Begins a new file; makes the directory where it is missing. A training that goes on tells the first step that it will make again:
  /// what earlier files say from there on is then no longer shown. `clock` tells seconds since 1970.
  package init(directory: String, goingOnFrom step: Int? = nil, clock: @escaping () -> Double = EventLog.now) throws(TrainingError) {
    try Directory.make(directory)
    (path, descriptor) = try Self.create("\(directory)/events.out.tfevents.\(Int(clock())).\(getpid())")
    self.clock = clock
    try append(Event(time: clock(), step: 0, .version))
    if let step { try append(Event(time: clock(), step: step, .restart)) }
  }

  deinit { close(descriptor) }

  /// Adds values of a step.
  package func write(step: Int, _ values: [(tag: String, value: Event.Value)]) throws(TrainingError) {
    try append(Event(time: clock(), step: step, .values(values)))
  }

  /// The system's clock.
  package static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Creates a file that no other run has.
  private static func create(_ stem: String) throws(TrainingError) -> (path: String, descriptor: Int32) {
    var number = 0
    while true {
      let path = "\(stem).\(number)"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o644)
      if descriptor >= 0 { return (path, descriptor) }
      guard errno == EEXIST else { throw .unwritable(.file(operation: "write", path: path, number: errno)) }
      number += 1
    }
  }

  private func append(_ event: Event) throws(TrainingError) {
    let record = event.record
    var written = 0
    while written < record.count {
      let count = record.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .unwritable(.file(operation: "write", path: path, number: errno)) }
      written += count
    }
  }
}
