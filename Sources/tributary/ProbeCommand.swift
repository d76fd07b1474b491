import Device

/// `tributary probe`.
enum ProbeCommand {
  static let interface = Interface(
    name: "probe", operand: "BUNDLE",
    summary: "Measures what each part of a bundle takes on this device, for 'tributary plan', and prints it or writes a device profile.",
    flags: [
      Flag(name: "out", placeholder: "FILE", help: "the profile to write; in one that is there only this bundle's costs change"),
      Flag(name: "sequence", placeholder: "N,N,…", help: "for texts: lengths in tokens, rising (default 8,16,32 … up to the longest)"),
      Flag(name: "runs", placeholder: "N", help: "timed inferences a length (default 30)"),
    ] + sharedFlags.filter { $0.name != "json" },
    examples: [
      "tributary probe minilm.gguf", "tributary probe minilm.gguf --threads 2 --out device.toml",
      "cp firmware-profiles/raspberry-pi-zero-2-w.toml device.toml && tributary probe clip.gguf --out device.toml",
    ])

  static func run(_ arguments: Arguments) throws(CommandError) {
    let runner = try openRunner(arguments)
    let text = try ProfileText(CostProbe.costs(of: runner, arguments, laps: 30), of: runner, arguments)
    if let path = arguments["out"] {
      try text.write(to: path)
    } else {
      Console.print(text.newText)
    }
  }
}
