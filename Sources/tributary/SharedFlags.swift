import Device
import Preprocessing

/// The flags of every command that runs a model.
let sharedFlags = [
  Flag(name: "threads", placeholder: "N", help: "threads to run on, 1 to 64 (default 1)"),
  Flag(name: "kernels", placeholder: "NAME", help: "portable, avx2 …: the instruction set to use (default: the widest)"),
  Flag(name: "json", placeholder: nil, help: "print JSON"),
]

/// The flags that bring a request.
let requestFlags = [
  Flag(name: "text", placeholder: "TEXT", help: "a text"),
  Flag(name: "image", placeholder: "FILE", help: "a JPEG or PNG picture, or a raw frame (--frame)"),
  Flag(name: "frame", placeholder: "WxH[:yuyv]", help: "the picture is one raw frame of that size, RGB or YUYV"),
  Flag(name: "audio", placeholder: "FILE", help: "a WAV sound, or raw samples (--rate)"),
  Flag(name: "rate", placeholder: "HZ", help: "the sound is raw 16-bit little-endian mono of that many samples a second"),
]

/// Opens the command's bundle as its flags say.
func openRunner(_ arguments: Arguments) throws(CommandError) -> ModelRunner {
  let threads = try usage { () throws(UsageError) in try arguments.number("threads", in: 1...64, default: 1) }
  return try device { () throws(DeviceError) in
    try ModelRunner(path: arguments.operand, threads: threads, kernels: arguments["kernels"])
  }
}

/// What the flags bring.
func request(_ arguments: Arguments) throws(CommandError) -> Request {
  for (flag, needed) in [("frame", "image"), ("rate", "audio")] where arguments.has(flag) && !arguments.has(needed) {
    throw .usage(.missingFlag(needed, why: "--\(flag) says how to read it"))
  }
  let frame = try arguments["frame"].map { text throws(CommandError) in
    try usage { () throws(UsageError) in try FrameSize(text) }
  }
  let rate = try usage { () throws(UsageError) in try arguments.number("rate", in: Sound.rates, default: 0) }
  return try device { () throws(DeviceError) in
    var request = Request(text: arguments["text"])
    if let path = arguments["image"] {
      request.image = try frame.map { frame throws(DeviceError) in
        try Picture(frame: path, width: frame.width, height: frame.height, isYUYV: frame.isYUYV)
      }
      if request.image == nil { request.image = try Picture(file: path) }
    }
    if let path = arguments["audio"] { request.sound = try rate == 0 ? Recording(file: path) : Recording(pcm16: path, rate: rate) }
    return request
  }
}

/// As `640x480` or `640x480:yuyv`.
private struct FrameSize {
  let width: Int
  let height: Int
  let isYUYV: Bool

  init(_ text: String) throws(UsageError) {
    let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    let sizes = parts[0].split(separator: UInt8(ascii: "x"), omittingEmptySubsequences: false).compactMap { Int(Substring($0)) }
    let isKnown = parts.count == 1 || (parts.count == 2 && parts[1].elementsEqual("yuyv".utf8))
    guard sizes.count == 2, sizes.allSatisfy({ (1...16384).contains($0) }), isKnown else { throw .notAFrame(text) }
    (width, height, isYUYV) = (sizes[0], sizes[1], parts.count == 2)
  }
}
