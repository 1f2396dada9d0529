import CPJRT
import Execution
import TensorTypes

/// A tensor on a device; its memory is given back with the last reference, unless a run has used it up before.
final class PJRTBuffer: DeviceTensor, @unchecked Sendable {
  let client: PJRTClient
  let handle: UnsafeMutableRawPointer
  private let type: TensorType

  init(_ client: PJRTClient, _ handle: UnsafeMutableRawPointer, _ type: TensorType) {
    (self.client, self.handle, self.type) = (client, handle, type)
  }

  deinit { client.plugin.release(RECURVE_PJRT_BUFFER_DESTROY, handle) }

  var owner: AnyObject { client }

  /// Whether a run has taken its memory.
  var isUsedUp: Bool {
    var arguments = recurve_pjrt_buffer_is_deleted()
    arguments.buffer = handle
    do { try client.plugin.call(RECURVE_PJRT_BUFFER_IS_DELETED, &arguments, "") } catch { return true }
    return arguments.is_deleted
  }

  /// Copies the numbers to the host, in the order of the language, the last extent innermost.
  func copy(to bytes: UnsafeMutableRawBufferPointer) throws {
    var layout = recurve_pjrt_memory_layout()
    layout.struct_size = MemoryLayout.size(ofValue: layout)
    layout.tiled.struct_size = MemoryLayout.size(ofValue: layout.tiled)
    let rank = type.shape.rank
    let purpose = "copying \(type) from \(client.platform)"
    var arguments = recurve_pjrt_buffer_to_host_buffer()
    (arguments.src, arguments.dst, arguments.dst_size) = (handle, bytes.baseAddress, bytes.count)
    do {
      let order = Array((0..<Int64(rank)).reversed())
      try order.withUnsafeBufferPointer { order in
        (layout.tiled.minor_to_major, layout.tiled.minor_to_major_size) = (order.baseAddress, rank)
        try withUnsafeMutablePointer(to: &layout) { layout in
          arguments.host_layout = layout
          try client.plugin.call(RECURVE_PJRT_BUFFER_TO_HOST_BUFFER, &arguments, purpose)
          try client.plugin.wait(for: arguments.event, purpose)
        }
      }
    } catch let error as PJRTError { throw error.engineError }
  }
}
