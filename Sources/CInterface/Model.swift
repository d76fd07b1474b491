import BundleFormat
package import CTributary
import Device
import ModelGraph

// Opening, closing and what a model is. The contracts are those of tributary.h.

@c @implementation package func tributary_open(
  _ path: UnsafePointer<CChar>?, _ threads: Int32, _ kernels: UnsafePointer<CChar>?, _ failure: UnsafeMutablePointer<tributary_failure>?
) -> OpaquePointer? {
  do throws(CallError) {
    let path = try text(path, "path")
    let handle = try device { () throws(DeviceError) in
      try ModelHandle(path: path, threads: Int(threads), kernels: kernels.map { String(cString: $0) })
    }
    failure?.tell(TRIBUTARY_OK, "")
    return OpaquePointer(Unmanaged.passRetained(handle).toOpaque())
  } catch {
    // There is no input yet: what cannot be used is the bundle's.
    failure?.tell(error.status == TRIBUTARY_BAD_INPUT ? TRIBUTARY_BAD_BUNDLE : error.status, error.message)
    return nil
  }
}

extension UnsafeMutablePointer<tributary_failure> {
  fileprivate func tell(_ status: tributary_status, _ message: String) {
    pointee.status = status
    withUnsafeMutableBytes(of: &pointee.message) { $0.fill(message) }
  }
}

@c @implementation package func tributary_close(_ model: OpaquePointer?) {
  if let model { Unmanaged<ModelHandle>.fromOpaque(UnsafeRawPointer(model)).release() }
}

@c @implementation package func tributary_error(_ model: OpaquePointer?) -> UnsafePointer<CChar>? {
  handle(model).map { UnsafePointer($0.message.bytes.baseAddress!) }
}

@c @implementation package func tributary_name(_ model: OpaquePointer?) -> UnsafePointer<CChar>? { handle(model)?.texts.name }

@c @implementation package func tributary_modalities(_ model: OpaquePointer?) -> UInt32 { handle(model)?.modalities ?? 0 }

@c @implementation package func tributary_output_count(_ model: OpaquePointer?) -> Int { handle(model)?.texts.outputs.count ?? 0 }

@c @implementation package func tributary_output_name(_ model: OpaquePointer?, _ output: Int) -> UnsafePointer<CChar>? {
  handle(model).flatMap { $0.texts.outputs.indices.contains(output) ? $0.texts.outputs[output] : nil }
}

@c @implementation package func tributary_output_width(_ model: OpaquePointer?, _ output: Int) -> Int {
  guard let graph = handle(model)?.runner.bundle.graph, graph.outputs.indices.contains(output) else { return 0 }
  return graph[graph.outputs[output]].shape.width ?? 0
}

@c @implementation package func tributary_label_count(_ model: OpaquePointer?) -> Int { handle(model)?.texts.labels.count ?? 0 }

@c @implementation package func tributary_label(_ model: OpaquePointer?, _ label: Int) -> UnsafePointer<CChar>? {
  handle(model).flatMap { $0.texts.labels.indices.contains(label) ? $0.texts.labels[label] : nil }
}
