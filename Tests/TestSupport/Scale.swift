import Foundation

/// How many times to do what is worth doing `count` times in a normal run: TRIBUTARY_FUZZ_SCALE multiplies it.
package func scaled(_ count: Int) -> Int {
  let scale = ProcessInfo.processInfo.environment["TRIBUTARY_FUZZ_SCALE"].flatMap(Double.init) ?? 1
  return max(1, Int(Double(count) * scale))
}
