import BundleFormat
package import CTributary
import Device
import ModelGraph
import Preprocessing

// Pictures and sounds of a request. The contracts are those of tributary.h.

extension ModelHandle {
  /// Throws where the model takes no such input.
  func expect(_ modality: Modality) throws(CallError) {
    guard runner.modalities.contains(modality) else { throw .device(.noInput(path: runner.bundle.path, modality)) }
  }
}

/// Lets the errors of pictures and sounds out as a call's.
private func media<Result>(_ what: String, _ body: () throws(MediaError) -> Result) throws(CallError) -> Result {
  do throws(MediaError) { return try body() } catch { throw .device(.media(path: what, error)) }
}

private func setImage(_ model: OpaquePointer?, _ make: () throws(CallError) -> Picture) -> tributary_status {
  call(model) { handle throws(CallError) in
    try handle.expect(.image)
    handle.request.image = try make()
  }
}

private func setSound(_ model: OpaquePointer?, _ make: () throws(CallError) -> Recording) -> tributary_status {
  call(model) { handle throws(CallError) in
    try handle.expect(.sound)
    handle.request.sound = try make()
  }
}

/// The bytes at an address that C leaves without a type.
private func bytes(_ start: UnsafeRawPointer?, _ count: Int) throws(CallError) -> UnsafeBufferPointer<UInt8> {
  try elements(start?.assumingMemoryBound(to: UInt8.self), count)
}

@c @implementation package func tributary_set_image_file(_ model: OpaquePointer?, _ path: UnsafePointer<CChar>?) -> tributary_status {
  setImage(model) { () throws(CallError) in
    let path = try text(path, "path")
    return try device { () throws(DeviceError) in try Picture(file: path).checked() }
  }
}

@c @implementation package func tributary_set_image_bytes(
  _ model: OpaquePointer?, _ start: UnsafeRawPointer?, _ count: Int
) -> tributary_status {
  setImage(model) { () throws(CallError) in
    let bytes = try bytes(start, count)
    return try device { () throws(DeviceError) in try Picture(encoded: Array(bytes)).checked() }
  }
}

@c @implementation package func tributary_set_image_rgb(
  _ model: OpaquePointer?, _ pixels: UnsafePointer<UInt8>?, _ count: Int, _ width: Int32, _ height: Int32
) -> tributary_status {
  setFrame(model, pixels, count) { bytes throws(MediaError) in try RGBImage(rgb24: bytes, width: Int(width), height: Int(height)) }
}

@c @implementation package func tributary_set_image_yuyv(
  _ model: OpaquePointer?, _ pixels: UnsafePointer<UInt8>?, _ count: Int, _ width: Int32, _ height: Int32
) -> tributary_status {
  setFrame(model, pixels, count) { bytes throws(MediaError) in try RGBImage(yuyv: bytes, width: Int(width), height: Int(height)) }
}

private func setFrame(
  _ model: OpaquePointer?, _ pixels: UnsafePointer<UInt8>?, _ count: Int, _ make: (Span<UInt8>) throws(MediaError) -> RGBImage
) -> tributary_status {
  setImage(model) { () throws(CallError) in
    let bytes = try elements(pixels, count)
    return try media("picture") { () throws(MediaError) in Picture(try make(bytes.span)) }
  }
}

@c @implementation package func tributary_set_sound_file(_ model: OpaquePointer?, _ path: UnsafePointer<CChar>?) -> tributary_status {
  setSound(model) { () throws(CallError) in
    let path = try text(path, "path")
    return try device { () throws(DeviceError) in try Recording(file: path).checked() }
  }
}

@c @implementation package func tributary_set_sound_wav(
  _ model: OpaquePointer?, _ start: UnsafeRawPointer?, _ count: Int
) -> tributary_status {
  setSound(model) { () throws(CallError) in
    let bytes = try bytes(start, count)
    return try device { () throws(DeviceError) in try Recording(encoded: Array(bytes)).checked() }
  }
}

@c @implementation package func tributary_set_sound_pcm16(
  _ model: OpaquePointer?, _ samples: UnsafePointer<Int16>?, _ count: Int, _ rate: Int32
) -> tributary_status {
  setSound(model) { () throws(CallError) in
    let samples = try elements(samples, count)
    return try sound(samples.count, rate: rate) { Float(samples[$0]) / 32768 }
  }
}

@c @implementation package func tributary_set_sound_float(
  _ model: OpaquePointer?, _ samples: UnsafePointer<Float>?, _ count: Int, _ rate: Int32
) -> tributary_status {
  setSound(model) { () throws(CallError) in
    let samples = try elements(samples, count)
    return try sound(samples.count, rate: rate) { samples[$0] }
  }
}

private func sound(_ count: Int, rate: Int32, sample: (Int) -> Float) throws(CallError) -> Recording {
  try media("sound") { () throws(MediaError) in
    guard count <= Sound.maximumSamples else { throw .soundTooLong(samples: count, limit: Sound.maximumSamples) }
    return Recording(try Sound(rate: Int(rate), samples: (0..<count).map(sample)))
  }
}
