import CPJRT
import Foundation
import StandardStreams

/// A shared library that compiles StableHLO and runs it on its devices: XLA, for example, for processors or for GPUs.
///
/// What is loaded stays loaded: such libraries do not expect to be closed.
final class PJRTPlugin: @unchecked Sendable {
  let path: String
  /// Of the interface.
  let version: (major: Int, minor: Int)
  /// Of the library: code and constants.
  private let api: UnsafePointer<recurve_pjrt_api>

  /// What layouts were compared with. Later versions add to it; another major version takes away.
  static let (major, oldestMinor) = (0, 81)

  /// - Throws: `PJRTError` for a file that is no plugin, or one of a version that is not known.
  init(path: String) throws {
    self.path = path
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw PJRTError.unloadable(path, dlerror().map { String(cString: $0) } ?? "no reason was given")
    }
    guard let entry = dlsym(handle, "GetPjrtApi") else { throw PJRTError.noPlugin(path) }
    typealias Entry = @convention(c) () -> UnsafePointer<recurve_pjrt_api>?
    guard let api = unsafeBitCast(entry, to: Entry.self)() else { throw PJRTError.noPlugin(path) }
    self.api = api
    version = (Int(api.pointee.version.major_version), Int(api.pointee.version.minor_version))
    let functions = recurve_pjrt_function_count(api)
    guard version.major == Self.major, version.minor >= Self.oldestMinor,
      functions > Int(RECURVE_PJRT_EXECUTABLE_GET_COMPILED_MEMORY_STATS.rawValue)
    else { throw PJRTError.version(path, major: version.major, minor: version.minor) }
    var arguments = recurve_pjrt_plugin_initialize()
    try call(RECURVE_PJRT_PLUGIN_INITIALIZE, &arguments, "starting the plugin")
  }

  /// Calls a function of the plugin.
  ///
  /// - Parameter purpose: what for, in a message.
  /// - Throws: `PJRTError.failed` with what the plugin says.
  func call<Arguments>(
    _ function: recurve_pjrt_function, _ arguments: inout Arguments, _ purpose: @autoclosure () -> String
  ) throws {
    if let error = error(of: function, &arguments) { throw failure(error, purpose()) }
  }

  /// Calls a function of which no failure would change anything.
  func release(_ function: recurve_pjrt_function, _ object: UnsafeMutableRawPointer) {
    var arguments = recurve_pjrt_object()
    arguments.object = object
    if let error = error(of: function, &arguments) { destroy(error) }
  }

  /// Waits for an event, then destroys it.
  ///
  /// - Throws: `PJRTError.failed` with what went wrong meanwhile.
  func wait(for event: UnsafeMutableRawPointer?, _ purpose: @autoclosure () -> String) throws {
    guard let event else { return }
    defer { release(RECURVE_PJRT_EVENT_DESTROY, event) }
    var arguments = recurve_pjrt_object()
    arguments.object = event
    try call(RECURVE_PJRT_EVENT_AWAIT, &arguments, purpose())
  }

  private func error<Arguments>(
    of function: recurve_pjrt_function, _ arguments: inout Arguments
  ) -> UnsafeMutableRawPointer? {
    withUnsafeMutableBytes(of: &arguments) { bytes in
      // All arguments begin with their size.
      bytes.storeBytes(of: bytes.count, as: Int.self)
      return recurve_pjrt_call(api, function, bytes.baseAddress)
    }
  }

  private func failure(_ error: UnsafeMutableRawPointer, _ purpose: String) -> PJRTError {
    defer { destroy(error) }
    var message = recurve_pjrt_error_message()
    (message.struct_size, message.error) = (MemoryLayout.size(ofValue: message), UnsafeRawPointer(error))
    recurve_pjrt_call_about_error(api, RECURVE_PJRT_ERROR_MESSAGE, &message)
    let text = message.message.map {
      String(decoding: UnsafeRawBufferPointer(start: $0, count: message.message_size), as: UTF8.self)
    }
    var code = recurve_pjrt_error_get_code()
    code.error = UnsafeRawPointer(error)
    if let second = self.error(of: RECURVE_PJRT_ERROR_GET_CODE, &code) { destroy(second) }
    return .failed(purpose, text ?? "", code: Int(code.code))
  }

  private func destroy(_ error: UnsafeMutableRawPointer) {
    var arguments = recurve_pjrt_object()
    (arguments.struct_size, arguments.object) = (MemoryLayout.size(ofValue: arguments), error)
    recurve_pjrt_call_about_error(api, RECURVE_PJRT_ERROR_DESTROY, &arguments)
  }
}
