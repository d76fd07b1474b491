import Foundation
import Preprocessing

/// eSpeak NG, as a process for each text: the library keeps a state from one text to the next, so that what it says depends on what it
/// said before, and it speaks on one thread alone.
enum Speech {
  private static let program = "/usr/bin/espeak-ng"
  /// Before the samples the program writes a header, whose sizes are not right.
  private static let headerSize = 44

  static func checkProgram() throws(MakingError) {
    guard FileManager.default.isExecutableFile(atPath: program) else { throw .missing(program, package: "espeak-ng") }
  }

  /// The text as it is spoken, at the program's rate.
  static func speak(_ text: String, _ voice: Voice) throws(MakingError) -> Sound {
    let bytes = try output(["-v", voice.name, "-s", "\(voice.speed)", "-p", "\(voice.pitch)", "--stdout", "--", text])
    guard bytes.count > headerSize else { throw .speech("'\(text)' cannot be spoken by the voice '\(voice.name)'") }
    let rate = (24..<28).reduce(0) { $0 | Int(bytes[$1]) << (8 * ($1 - 24)) }
    let samples = Array(bytes.dropFirst(headerSize))
    do throws(MediaError) {
      return try Sound(pcm16: samples.span, rate: rate)
    } catch {
      throw .speech("'\(text)', voice '\(voice.name)': \(error)")
    }
  }

  private static func output(_ arguments: [String]) throws(MakingError) -> [UInt8] {
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    do { try process.run() } catch { throw .speech("\(program) cannot be started") }
    let bytes = Array(pipe.fileHandleForReading.readDataToEndOfFile())
    process.waitUntilExit()
    return process.terminationStatus == 0 ? bytes : []
  }
}
