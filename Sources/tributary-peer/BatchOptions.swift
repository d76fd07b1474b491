import ArgumentParser
import Peer

/// Which requests the peer runs together.
struct BatchOptions: ParsableArguments {
  @Option(help: "Requests that run together at most, of one bundle, split point and combination of modalities; 1 for none.")
  var batch = BatchLimits().requests

  @Option(help: "Milliseconds that a request waits for others, where its deadline has room; without, only what waits anyway runs together.")
  var batchWait = BatchLimits().waitMilliseconds

  func validate() throws {
    guard (1...64).contains(batch) else { throw ValidationError("--batch wants a number from 1 to 64, not \(batch)") }
    guard batchWait <= 1000 else { throw ValidationError("--batch-wait wants milliseconds from 0 to 1000, not \(batchWait)") }
  }

  var limits: BatchLimits {
    var limits = BatchLimits()
    limits.requests = batch
    limits.waitMilliseconds = batchWait
    return limits
  }
}
