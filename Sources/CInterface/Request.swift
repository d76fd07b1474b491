package import CTributary
import Device
import ModelGraph
import Preprocessing

// A request, from its beginning to its outputs. The contracts are those of tributary.h.

/// The longest text in bytes.
private let longestText = 1 << 20

@c @implementation package func tributary_begin(_ model: OpaquePointer?) -> tributary_status { call(model) { $0.begin() } }

@c @implementation package func tributary_set_text(
  _ model: OpaquePointer?, _ utf8: UnsafePointer<CChar>?, _ length: Int
) -> tributary_status {
  call(model) { handle throws(CallError) in
    try handle.expect(.text)
    guard let utf8 else { throw .argument("utf8 is NULL") }
    guard (0...longestText).contains(length) else {
      throw .argument("a text of \(UInt(bitPattern: length)) bytes: \(longestText) are allowed")
    }
    handle.request.text = String(decoding: UnsafeRawBufferPointer(start: utf8, count: length), as: UTF8.self)
  }
}

@c @implementation package func tributary_run(_ model: OpaquePointer?) -> tributary_status {
  call(model) { handle throws(CallError) in try device { () throws(DeviceError) in try handle.run() } }
}

@c @implementation package func tributary_output(
  _ model: OpaquePointer?, _ output: Int, _ count: UnsafeMutablePointer<Int>?
) -> UnsafePointer<Float>? {
  let numbers = handle(model)?.numbers(output)
  count?.pointee = numbers?.count ?? 0
  return numbers?.baseAddress
}

@c @implementation package func tributary_answered_by(_ model: OpaquePointer?) -> tributary_place {
  handle(model)?.place ?? TRIBUTARY_NOWHERE
}

@c @implementation package func tributary_set_peer(
  _ model: OpaquePointer?, _ address: UnsafePointer<CChar>?, _ split: UnsafePointer<CChar>?, _ deadline: Int32, _ fallback: Int32
) -> tributary_status {
  call(model) { handle throws(CallError) in
    guard let address else { return try device { () throws(DeviceError) in try handle.split(nil) } }
    let split = try text(split, "split")
    guard (1...3_600_000).contains(deadline) else { throw .argument("a deadline of \(deadline) ms: 1 to 3600000 are allowed") }
    try device { () throws(DeviceError) in
      let peers = try PeerAddress.list(String(cString: address))
      try handle.split(SplitOptions(peers: peers, course: .fixed(split), deadlineMilliseconds: Int(deadline), fallback: fallback != 0))
    }
  }
}
