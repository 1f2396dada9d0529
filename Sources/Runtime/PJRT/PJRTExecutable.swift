import CPJRT

/// A compiled program on a device.
final class PJRTExecutable {
  private let client: PJRTClient
  private let handle: UnsafeMutableRawPointer
  let resultCount: Int
  /// Bytes for what a run computes on the way, neither arguments nor results.
  let temporaryByteCount: Int
  // Lists of one run, kept so that runs make none.
  private let arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  private let results: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  private let options: UnsafeMutablePointer<recurve_pjrt_execute_options>
  private let argumentCapacity: Int

  /// - Throws: `PJRTError.failed` where the plugin does not say what it has compiled; then there is nothing to destroy.
  init(_ client: PJRTClient, _ handle: UnsafeMutableRawPointer, argumentCount: Int) throws {
    (self.client, self.handle, argumentCapacity) = (client, handle, argumentCount)
    do { (resultCount, temporaryByteCount) = try Self.facts(client.plugin, handle) } catch {
      client.plugin.release(RECURVE_PJRT_LOADED_EXECUTABLE_DESTROY, handle)
      throw error
    }
    arguments = .allocate(capacity: max(argumentCount, 1))
    arguments.initialize(repeating: nil, count: max(argumentCount, 1))
    results = .allocate(capacity: max(resultCount, 1))
    results.initialize(repeating: nil, count: max(resultCount, 1))
    options = .allocate(capacity: 1)
    options.initialize(to: recurve_pjrt_execute_options())
    options.pointee.struct_size = MemoryLayout<recurve_pjrt_execute_options>.size
  }

  deinit {
    arguments.deallocate()
    results.deallocate()
    options.deallocate()
    client.plugin.release(RECURVE_PJRT_LOADED_EXECUTABLE_DESTROY, handle)
  }

  private static func facts(_ plugin: PJRTPlugin, _ handle: UnsafeMutableRawPointer) throws -> (Int, Int) {
    var unloaded = recurve_pjrt_loaded_executable_get_executable()
    unloaded.loaded_executable = handle
    try plugin.call(RECURVE_PJRT_LOADED_EXECUTABLE_GET_EXECUTABLE, &unloaded, "asking for the program")
    defer { if let executable = unloaded.executable { plugin.release(RECURVE_PJRT_EXECUTABLE_DESTROY, executable) } }
    var count = recurve_pjrt_executable_num_outputs()
    count.executable = unloaded.executable
    try plugin.call(RECURVE_PJRT_EXECUTABLE_NUM_OUTPUTS, &count, "asking for the number of results")
    var memory = recurve_pjrt_executable_get_compiled_memory_stats()
    memory.executable = unloaded.executable
    try plugin.call(RECURVE_PJRT_EXECUTABLE_GET_COMPILED_MEMORY_STATS, &memory, "asking for the program's memory")
    return (count.num_outputs, Int(memory.temp_size_in_bytes))
  }

  /// Runs the program and waits for its end.
  ///
  /// - Parameter buffers: the arguments, some of which the run uses up.
  /// - Returns: the results' handles, which are the caller's.
  /// - Throws: `PJRTError.failed`.
  func run(_ buffers: [PJRTBuffer]) throws -> UnsafeBufferPointer<UnsafeMutableRawPointer?> {
    precondition(buffers.count == argumentCapacity, "\(buffers.count) arguments, needs \(argumentCapacity)")
    for (index, buffer) in buffers.enumerated() { arguments[index] = buffer.handle }
    var run = recurve_pjrt_loaded_executable_execute()
    (run.executable, run.options) = (handle, options)
    (run.num_devices, run.num_args) = (1, buffers.count)
    let purpose = "running the program on \(client.platform)"
    var done: UnsafeMutableRawPointer?
    try withUnsafePointer(to: UnsafePointer(arguments)) { arguments in
      try withUnsafePointer(to: results) { results in
        try withUnsafeMutablePointer(to: &done) { done in
          run.argument_lists = UnsafeRawPointer(arguments).assumingMemoryBound(
            to: UnsafePointer<UnsafeMutableRawPointer?>?.self)
          run.output_lists = UnsafeRawPointer(results).assumingMemoryBound(
            to: UnsafeMutablePointer<UnsafeMutableRawPointer?>?.self)
          run.device_complete_events = done
          try client.plugin.call(RECURVE_PJRT_LOADED_EXECUTABLE_EXECUTE, &run, purpose)
        }
      }
    }
    do { try client.plugin.wait(for: done, purpose) } catch {
      for index in 0..<resultCount { results[index].map { client.plugin.release(RECURVE_PJRT_BUFFER_DESTROY, $0) } }
      throw error
    }
    return UnsafeBufferPointer(start: results, count: resultCount)
  }
}
