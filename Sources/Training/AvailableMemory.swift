import Glibc

/// What memory this process may still take, by the system and by its control groups (version 2).
package enum AvailableMemory {
  /// In bytes; nil where the system does not tell.
  package static func bytes() -> Int? {
    let groups = text("/proc/self/cgroup").map(directories) ?? []
    let room = groups.compactMap { group -> Int? in
      guard let limit = text("\(group)/memory.max"), let current = text("\(group)/memory.current") else { return nil }
      return self.room(limit: limit, current: current, statistics: text("\(group)/memory.stat") ?? "")
    }
    return (room + [text("/proc/meminfo").flatMap(ofSystem)].compactMap { $0 }).min()
  }

  /// From `/proc/meminfo`.
  package static func ofSystem(_ text: String) -> Int? { number("MemAvailable:", in: text).map { 1024 * $0 } }

  /// The directories of a process's group and of those around it, from `/proc/self/cgroup`.
  package static func directories(_ text: String) -> [String] {
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return [] }
    let parts = line.dropFirst(4).split(separator: "/")
    return (0...parts.count).map { (["/sys/fs/cgroup"] + parts.prefix($0).map(String.init)).joined(separator: "/") }
  }

  /// What a group's limit leaves, from its files: files that were read are given up for it. Nil where there is no limit.
  package static func room(limit: String, current: String, statistics: String) -> Int? {
    guard let limit = Int(limit.prefix { $0 != "\n" }), let current = Int(current.prefix { $0 != "\n" }) else { return nil }
    return max(0, limit - current + (number("inactive_file", in: statistics) ?? 0))
  }

  /// The number behind a word at the beginning of a line.
  private static func number(_ word: String, in text: String) -> Int? {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count > 1, words[0] == word { return Int(words[1]) }
    }
    return nil
  }

  /// Of a file of the kernel, which tells no size before it is read.
  private static func text(_ path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece.prefix(count) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
