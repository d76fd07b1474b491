import Foundation
import Split
import TOMLFormat
import TestSupport
import Testing

/// Reading profiles.
@Suite struct ProfileTests {
  private static let sample = """
    # A device.
    [link] # over Wi-Fi
    goodput_mbit_s = 20
    goodput_down_mbit_s = 40.5
    round_trip_ms = 5e0

    [energy]
    idle_w = 0.7\t# at the board
    busy_w = 2.25
    tail_j = 0.05
    [other]
    text = "a \\"quoted\\" \\\\ text # no comment"
    flags = [true, false,
      # inside
      "x",
    ]
    [costs.0123456789ab]
    sequences = [8, 64]
    encode_us_kib = 1.024
    [costs.0123456789ab.segments]
    "encoder.0" = [10, 100.5]
    pooling = [0.1, 0.2]
    [costs.0123456789ab.preparation]
    tokens = [1, 2]

    """

  private func read(_ text: String) throws(ProfileError) -> DeviceProfile { try DeviceProfile(Array(text.utf8)) }

  private func costs(_ text: String) throws(ProfileError) -> DeviceCosts {
    try read(text).costs(bundle: "0123456789ab", segments: ["encoder.0", "pooling"], inputs: ["tokens"])
  }

  @Test(arguments: ["\n", "\r\n"])
  func readsWhatIsWritten(end: String) throws {
    let text = Self.sample.replacingOccurrences(of: "\n", with: end)
    let profile = try read(text)
    #expect(profile.link == LinkEstimate(roundTripMilliseconds: 5, upMegabits: 20, downMegabits: 40.5))
    #expect(profile.energy == EnergyModel(idleWatts: 0.7, busyWatts: 2.25, tailJoules: 0.05))
    #expect(profile.peerSpeed == nil && profile.mebibytes == nil && profile.cores == nil)
    #expect(
      try costs(text)
        == DeviceCosts(sequences: [8, 64], segments: [[10, 100.5], [0.1, 0.2]], preparation: [[1, 2]], encoding: 0.001))
    let other = try TOML(Array(text.utf8)).table(["other"])
    let values: [TOML.Value] = [.string("a \"quoted\" \\ text # no comment"), .array([.boolean(true), .boolean(false), .string("x")])]
    #expect(other?.line == 11 && other?.entries.map { $0.value } == values)
  }

  @Test func readsTheProfilesOfTheProject() throws {
    let folder = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../firmware-profiles").standardizedFileURL
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(files.count > 5)
    for file in files {
      let profile = try DeviceProfile(Array(try Data(contentsOf: file)))
      #expect((profile.mebibytes ?? 0) >= 64 && (profile.cores ?? 0) > 0, "\(file.lastPathComponent)")
      #expect((profile.link?.roundTrip.mean ?? 0) > 0 && (profile.energy?.busyWatts ?? 0) > 0, "\(file.lastPathComponent)")
    }
  }

  @Test(arguments: [
    ("key = 1", "line 1: key stands before"), ("[a]\n[b", "line 2: ]"), ("[a]\nx = ", "line 2: a string"), ("[a]\nx 1", "line 2: ="),
    ("[a]\n\n= 1", "line 3: a key"), ("[a]\nx = 1\nx = 2", "line 3: x is there already"), ("[a]\n[a]", "line 2: a is there"),
    ("[a]\nx = \"open\n", "line 2: \" at the end"), ("[a]\nx = \"\\n\"", "line 2: \\\""), ("[a]\nx = [1, 2\ny = 3", "line 3: , or ]"),
    ("[a] b", "line 1: the end of the line"), ("[a]\nx = 1 2", "line 2: the end"), ("[a]\nx = [[1]]", "line 2: a string"),
    ("[a]\nx = 1_000", "line 2: "), ("[a]\nx = .5", "line 2: "), ("[a]\nx = 5.", "line 2: "), ("[a]\nx = 1e400", "line 2: "),
    ("[link]\nround_trip_ms = 1", "'goodput_mbit_s' is missing in [link]"),
    ("[link]\nround_trip_ms = 1\ngoodput_mbit_s = 0", "line 3: 'goodput_mbit_s' wants a number above 0"),
    ("[link]\nround_trip_ms = -1\ngoodput_mbit_s = 1", "line 2: 'round_trip_ms' wants a number of at least 0"),
    ("[energy]\nidle_w = 1\nbusy_w = \"2\"", "line 3: 'busy_w' wants a number"), ("[peer]\nspeed = 0", "line 2: 'speed' wants"),
    ("[device]\nmemory_mib = 0", "line 2: 'memory_mib' wants a number above 0"), ("[device]\ncores = \"4\"", "line 2: 'cores' wants"),
  ])
  func refusesWhatItCannotRead(text: String, naming: String) {
    let error = #expect(throws: ProfileError.self) { try read(text) }
    #expect(error?.description.contains(naming) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("[costs.0123456789ab]", "[costs.other]", "no costs of bundle 0123456789ab"), ("sequences = [8, 64]", "", "'sequences' is missing"),
    ("[8, 64]", "[64, 8]", "line 18: 'sequences' wants rising"), ("[8, 64]", "[]", "line 18: 'sequences' wants rising"),
    ("[8, 64]", "[0, 8]", "line 18: 'sequences' wants rising"), ("[8, 64]", "[8, 1e12]", "line 18: "),
    ("[10, 100.5]", "[10]", "line 21: 'encoder.0' wants 2 numbers"), ("[10, 100.5]", "[10, -1]", "line 21: 'encoder.0' wants 2 numbers"),
    ("\"encoder.0\"", "encoder", "'encoder.0' is missing in [costs.0123456789ab.segments]"),
    ("[costs.0123456789ab.preparation]", "[costs.0123456789ab.p]", "'preparation' is missing in [costs.0123456789ab]"),
  ])
  func refusesCostsThatDoNotFit(old: String, new: String, naming: String) {
    let error = #expect(throws: ProfileError.self) { try costs(Self.sample.replacingOccurrences(of: old, with: new)) }
    #expect(error?.description.contains(naming) == true, "\(error?.description ?? "")")
  }

  /// Damaged profiles are read or refused, and what is read has costs within bounds.
  @Test func anyTextIsReadOrRefused() {
    let parts = [
      "[", "]", "=", "\"", "\\", "#", "\n", ",", ".", "-", "e", "9", "9e22", "true", " ", "\u{0}", "é", "999999999999999999", "[costs.",
    ]
    var (generator, accepted) = (SeededGenerator(seed: 3), 0)
    for _ in 0..<scaled(20_000) {
      var bytes = Array(Self.sample.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let start = Int.random(in: 0...bytes.count, using: &generator)
        let end = min(bytes.count, start + Int.random(in: 0...12, using: &generator))
        bytes.replaceSubrange(start..<end, with: Array((parts.randomElement(using: &generator) ?? "").utf8))
      }
      guard let costs = try? costs(String(decoding: bytes, as: UTF8.self)) else { continue }
      accepted += 1
      for times in costs.segments {
        for length in [1, 8, 40, 65_535] { #expect((0...1e17).contains(costs.time(times, at: length))) }
      }
    }
    #expect(accepted > 100)
  }

  @Test func decimalsAreExact() {
    for (text, value) in [
      ("0", 0), ("-0.5", -0.5), ("+12", 12), ("0.1", 0.1), ("123.456", 123.456), ("1e-7", 1e-7), ("2.5e3", 2500),
      ("9007199254740993", 0x1p53),
    ] {
      #expect(Double(decimal: Array(text.utf8)) == value)
    }
    for text in [
      "", "-", ".", "1.", ".1", "1e", "e1", "1e23", "1.2.3", "0x1", "1 ", "inf", "nan", "1234567890123456789", "1e-9223372036854775808",
    ] {
      #expect(Double(decimal: Array(text.utf8)) == nil, "\(text)")
    }
  }
}
