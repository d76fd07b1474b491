import Foundation
import TestSupport
import Testing

/// `tributary probe`, `plan` and what `bench` tells of operations.
@Suite struct PlanTests {
  let workspace = Workspace()

  private static let sections = """
    # Kept as it is.
    [link]
    round_trip_ms = 4 # over Wi-Fi
    goodput_mbit_s = 20

    [energy]
    idle_w = 0.5
    busy_w = 2

    """

  /// A profile with the costs of the bundle, made fast.
  private func profile(_ bundle: String, containing text: String = sections) throws -> String {
    let path = try workspace.write("device.toml", text.utf8)
    let outcome = try Program.device.run("probe", bundle, "--runs", "3", "--sequence", "4,16", "--out", path)
    #expect(outcome.status == 0 && outcome.errors.isEmpty && outcome.output.isEmpty, "\(outcome.errors)")
    return path
  }

  private func candidates(_ outcome: Program.Outcome) -> [String: [String: Any]] {
    let list = outcome.json["candidates"] as? [[String: Any]] ?? []
    return Dictionary(uniqueKeysWithValues: list.map { ($0["name"] as? String ?? "", $0) })
  }

  @Test func aPlanIsMadeOfAProbesCosts() throws {
    let bundle = try workspace.writeBundle()
    let path = try profile(bundle)
    let text = try contents(of: path)
    #expect(text.hasPrefix(Self.sections) && text.contains("\nsequences = [4, 16]\n") && text.contains("\n\"linear\" = ["))
    let outcome = try Program.device.run("plan", bundle, "--profile", path, "--sequence", "9", "--raw-bytes", "30", "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let ways = candidates(outcome)
    #expect(Set(ways.keys) == Set(["local", "input"] + Workspace.splits))
    #expect(outcome.json["chosen"] as? String == "local")
    for (name, way) in ways {
      let number = { (key: String) in way[key] as? Double ?? .nan }
      let parts = ["device_ms", "encode_ms", "up_ms", "wait_ms", "peer_ms", "down_ms"].map(number)
      #expect((parts.reduce(0, +) - number("total_ms")).magnitude < 0.001 && number("joules") > 0, "\(name)")
      #expect(number("up_ms") >= 2 || name == "local")
    }
    // 9 rows of 32 codes, a range and a zero point; the text as it came; around both a header and a checksum.
    #expect(ways["encoder.0"]?["bytes_sent"] as? Int == 9 * 35 + 44 && ways["input"]?["bytes_sent"] as? Int == 30 + 44)
  }

  @Test func aProbeReplacesOnlyItsOwnCosts() throws {
    let bundle = try workspace.writeBundle()
    let path = try profile(bundle)
    let other = try workspace.writeOtherBundle()
    #expect(try Program.device.run("probe", other, "--runs", "1", "--out", path).status == 0)
    let both = try contents(of: path)
    try workspace.write("device.toml", (both + "\n# A faster peer.\n[peer]\nspeed = 20\n").utf8)
    #expect(try Program.device.run("bench", bundle, "--runs", "10", "--sequence", "8", "--profile", path).status == 0)
    let text = try contents(of: path)
    #expect(text.hasPrefix(Self.sections) && text.contains("\nsequences = [8]\n") && !text.contains("\nsequences = [4, 16]\n"))
    #expect(text.contains("\n\n# A faster peer.\n[peer]\nspeed = 20\n\n[costs.") && !text.contains("\n\n\n"))
    #expect(text.components(separatedBy: "\n[costs.").count == both.components(separatedBy: "\n[costs.").count)
    for name in [bundle, other] { #expect(try Program.device.run("plan", name, "--profile", path).status == 0) }
    #expect(try workspace.files().filter { $0.contains("partial") } == [])
  }

  @Test func aFreshProfileSaysWhatItIs() throws {
    let bundle = try workspace.writeBundle()
    let path = try workspace.path("new.toml")
    #expect(try Program.device.run("probe", bundle, "--runs", "1", "--out", path).status == 0)
    let text = try contents(of: path)
    #expect(text.hasPrefix("# ") && text.contains("\n[target]\n") && text.contains("\n[device]\ncores = "))
    expectRefusal(try Program.device.run("plan", bundle, "--profile", path), 64, naming: "--link")
    #expect(try Program.device.run("plan", bundle, "--profile", path, "--link", "1,10").status == 0)
    let printed = try Program.device.run("probe", bundle, "--runs", "1")
    #expect(printed.status == 0 && printed.output.hasPrefix("# ") && printed.output.contains("[costs."))
  }

  @Test func objectivesAndDeadlinesDecide() throws {
    let bundle = try workspace.writeBundle()
    let path = try profile(bundle)
    let plan = { (flags: [String]) in
      let outcome = try Program.device.run(["plan", bundle, "--profile", path, "--json"] + flags)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return (outcome.json["chosen"] as? String ?? "", outcome.json["reason"] as? String ?? "")
    }
    // A link and a peer that cost nothing, against a device that does.
    let near = ["--link", "0,1000000,1000000", "--peer-speed", "1000000"]
    #expect(try plan(near + ["--raw-bytes", "1"]).0 == "input")
    #expect(try plan(near + ["--objective", "bytes"]).0 == "local")
    #expect(try plan(["--objective", "latency:1000J"]).1.hasPrefix("fastest: "))
    #expect(try plan(["--objective", "latency:0.000000001J"]).1.hasPrefix("none takes so little energy"))
    #expect(try plan(["--link", "500,1", "--deadline", "0.2"]).1.hasPrefix("the only one in time"))
    #expect(try plan(["--objective", "energy"]).1.hasPrefix("least energy: "))
  }

  @Test func theTableNamesEveryCandidate() throws {
    let bundle = try workspace.writeBundle()
    let outcome = try Program.device.run("plan", bundle, "--link", "2,10,50", "--explain", "--sequence", "4")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    for name in ["→ local "] + Workspace.splits.map({ "  \($0) " }) { #expect(lines.contains { $0.hasPrefix(name) }, "\(name)") }
    #expect(lines.contains { $0.hasPrefix("link ") && $0.contains("2.0 ms round trip, 10.0 Mbit/s up, 50.0 down") })
    #expect(lines.last?.hasPrefix("local: fastest: ") == true)
    let table = lines.filter { $0.hasPrefix("  ") || $0.hasPrefix("→") }
    #expect(table.count == 5 && Set(table.map(\.count)).count == 1)
    #expect(try Program.device.run("plan", bundle, "--link", "2,10").output.split(separator: "\n").count == 1)
  }

  @Test func benchTellsWhereTheTimeGoes() throws {
    let bundle = try workspace.writeBundle()
    let table = try Program.device.run("bench", bundle, "--runs", "10", "--sequence", "4,16", "--operations").output
    #expect(table.contains("\noperation") && table.contains("\nlinear") && table.contains("\nall") && !table.contains("\ngelu"))
    let json = try Program.device.run("bench", bundle, "--runs", "10", "--sequence", "4,16", "--operations", "--json").json
    let nodes = json["nodes"] as? [[String: Any]] ?? []
    #expect(nodes.count > 20 && nodes.allSatisfy { ($0["us"] as? [Double])?.count == 2 })
    #expect((json["operations"] as? [[String: Any]])?.contains { $0["operation"] as? String == "attention" } == true)
    #expect(try Program.device.run("bench", bundle, "--runs", "10", "--sequence", "4", "--json").json["nodes"] == nil)
  }

  @Test func whatCannotBePlannedIsRefused() throws {
    let bundle = try workspace.writeBundle()
    let path = try profile(bundle)
    for (flags, naming) in [
      (["--link", "5"], "'5'"), (["--link", "5,0"], "'5,0'"), (["--link", "5,1,2,3"], "'5,1,2,3'"), (["--link", "x,1"], "'x,1'"),
      (["--peer-speed", "0"], "--peer-speed"), (["--objective", "speed"], "'speed'"), (["--objective", "latency:5"], "'latency:5'"),
      (["--modalities", "text,smell"], "'text,smell'"), (["--modalities", "image"], "image"), (["--sequence", "65536"], "--sequence"),
      (["--raw-bytes", "-1"], "--raw-bytes"), (["--deadline", "0"], "--deadline"),
    ] {
      expectRefusal(try Program.device.run(["plan", bundle, "--profile", path] + flags), 64, naming: naming)
    }
    expectRefusal(try Program.device.run("plan", bundle), 64, naming: "--link")
    expectRefusal(try Program.device.run("plan", bundle, "--link", "1,1", "--objective", "energy"), 64, naming: "[energy]")
    let other = try workspace.writeOtherBundle()
    expectRefusal(try Program.device.run("plan", other, "--profile", path), 65, naming: path, "no costs", "tributary probe")
    let broken = try workspace.write("broken.toml", "[link]\ngoodput_mbit_s = fast\n".utf8)
    expectRefusal(try Program.device.run("plan", bundle, "--profile", broken), 65, naming: broken, "line 2")
    expectRefusal(try Program.device.run("probe", bundle, "--runs", "1", "--out", broken), 65, naming: broken, "line 2")
    let missing = try workspace.path("missing/device.toml")
    expectRefusal(try Program.device.run("plan", bundle, "--profile", missing), 66, naming: missing)
    expectRefusal(try Program.device.run("probe", bundle, "--runs", "1", "--out", missing), 73, naming: missing, "cannot be written")
  }
}
