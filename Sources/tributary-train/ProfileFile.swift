import Foundation
import Split

/// Reads the profile of `--profile`, and what `body` wants of it.
func readProfile<Value>(_ path: String, _ body: (DeviceProfile) throws(ProfileError) -> Value) throws -> Value {
  guard let text = FileManager.default.contents(atPath: path) else {
    throw Failure.unreadable("--profile: \(path) cannot be read: there is no such file")
  }
  do throws(ProfileError) { return try body(DeviceProfile(Array(text))) } catch {
    throw Failure.badData("--profile: \(path): \(error.description)")
  }
}
