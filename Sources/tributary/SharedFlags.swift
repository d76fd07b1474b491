import Device

/// The flags of every command that runs a model.
let sharedFlags = [
  Flag(name: "threads", placeholder: "N", help: "threads to run on, 1 to 64 (default 1)"),
  Flag(name: "kernels", placeholder: "NAME", help: "portable, avx2 …: the instruction set to use (default: the widest)"),
  Flag(name: "json", placeholder: nil, help: "print JSON"),
]

/// Opens the command's bundle as its flags say.
func openEncoder(_ arguments: Arguments) throws(CommandError) -> TextEncoder {
  let threads = try usage { () throws(UsageError) in try arguments.number("threads", in: 1...64, default: 1) }
  return try device { () throws(DeviceError) in
    try TextEncoder(path: arguments.operand, threads: threads, kernels: arguments["kernels"])
  }
}
