import CPJRT
import Foundation
import Synchronization
import TensorTypes

/// A plugin with its first device.
final class PJRTClient: @unchecked Sendable {
  let plugin: PJRTPlugin
  private let client: UnsafeMutableRawPointer
  private let device: UnsafeMutableRawPointer
  /// What kind of device it is: `cpu`, for example.
  let platform: String

  private static let known = Mutex<[String: PJRTClient]>([:])

  /// The client of a plugin; a process has one for each, which stays.
  ///
  /// - Throws: `PJRTError`.
  static func shared(path: String) throws -> PJRTClient {
    let key = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    return try known.withLock { known in
      if let client = known[key] { return client }
      let client = try PJRTClient(try PJRTPlugin(path: key))
      known[key] = client
      return client
    }
  }

  private init(_ plugin: PJRTPlugin) throws {
    self.plugin = plugin
    var created = recurve_pjrt_client_create()
    try plugin.call(RECURVE_PJRT_CLIENT_CREATE, &created, "starting its devices")
    guard let client = created.client else { throw PJRTError.noDevice(plugin.path) }
    var devices = recurve_pjrt_client_addressable_devices()
    devices.client = client
    var name = recurve_pjrt_client_platform_name()
    name.client = client
    do {
      try plugin.call(RECURVE_PJRT_CLIENT_ADDRESSABLE_DEVICES, &devices, "listing its devices")
      try plugin.call(RECURVE_PJRT_CLIENT_PLATFORM_NAME, &name, "naming its devices")
      guard devices.num_addressable_devices > 0, let first = devices.addressable_devices?[0] else {
        throw PJRTError.noDevice(plugin.path)
      }
      device = first
    } catch {
      plugin.release(RECURVE_PJRT_CLIENT_DESTROY, client)
      throw error
    }
    self.client = client
    platform =
      name.platform_name.map {
        String(decoding: UnsafeRawBufferPointer(start: $0, count: name.platform_name_size), as: UTF8.self)
      } ?? "unknown"
  }

  deinit { plugin.release(RECURVE_PJRT_CLIENT_DESTROY, client) }

  /// Compiles a module's text.
  ///
  /// - Throws: `PJRTError.failed` with what the compiler says.
  func compile(_ text: String, argumentCount: Int) throws -> PJRTExecutable {
    var arguments = recurve_pjrt_client_compile()
    arguments.client = client
    var text = text
    var format = "mlir"
    var options = CompileOptions.bytes
    try text.withUTF8 { code in
      try format.withUTF8 { format in
        try options.withUnsafeMutableBytes { options in
          var program = recurve_pjrt_program()
          program.struct_size = MemoryLayout.size(ofValue: program)
          program.code = UnsafeRawPointer(code.baseAddress)?.assumingMemoryBound(to: CChar.self)
          program.code_size = code.count
          program.format = UnsafeRawPointer(format.baseAddress)?.assumingMemoryBound(to: CChar.self)
          program.format_size = format.count
          arguments.compile_options = UnsafeRawPointer(options.baseAddress)?.assumingMemoryBound(to: CChar.self)
          arguments.compile_options_size = options.count
          try withUnsafePointer(to: &program) { program in
            arguments.program = program
            try plugin.call(RECURVE_PJRT_CLIENT_COMPILE, &arguments, "compiling the program for \(platform)")
          }
        }
      }
    }
    guard let executable = arguments.executable else {
      throw PJRTError.failed("compiling the program for \(platform)", "there is no executable", code: 0)
    }
    return try PJRTExecutable(self, executable, argumentCount: argumentCount)
  }

  /// Copies numbers to the device.
  ///
  /// - Throws: `PJRTError.failed`, for example when the device has no room.
  func upload(_ bytes: UnsafeRawBufferPointer, _ type: TensorType) throws -> PJRTBuffer {
    var arguments = recurve_pjrt_client_buffer_from_host_buffer()
    (arguments.client, arguments.device) = (client, device)
    (arguments.data, arguments.type) = (bytes.baseAddress, type.elementType.pjrtType)
    // 0: the bytes are the plugin's to read during the call alone.
    arguments.host_buffer_semantics = 0
    try type.shape.extents.map(Int64.init).withUnsafeBufferPointer { extents in
      (arguments.dims, arguments.num_dims) = (extents.baseAddress, extents.count)
      try plugin.call(RECURVE_PJRT_CLIENT_BUFFER_FROM_HOST_BUFFER, &arguments, "copying \(type) to \(platform)")
    }
    guard let buffer = arguments.buffer else {
      throw PJRTError.failed("copying \(type) to \(platform)", "there is no buffer", code: 0)
    }
    let made = PJRTBuffer(self, buffer, type)
    try plugin.wait(for: arguments.done_with_host_buffer, "copying \(type) to \(platform)")
    return made
  }
}

extension ElementType {
  fileprivate var pjrtType: Int32 {
    switch self {
    case .float32: Int32(RECURVE_PJRT_F32)
    case .float64: Int32(RECURVE_PJRT_F64)
    case .int32: Int32(RECURVE_PJRT_S32)
    case .bool: Int32(RECURVE_PJRT_PRED)
    }
  }
}
