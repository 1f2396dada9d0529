import Foundation
import TestSupport
import Testing

/// Places and layouts against a header of PJRT's own, where there is one: `RECURVE_PJRT_HEADER` names it.
@Suite(.enabled(if: Plugin.header != nil)) struct LayoutTests {
  /// Functions as PJRT names them; ours have the same words.
  private static let functions = [
    "Error_Destroy", "Error_Message", "Error_GetCode", "Plugin_Initialize", "Event_Destroy", "Event_Await",
    "Client_Create", "Client_Destroy", "Client_PlatformName", "Client_AddressableDevices", "Client_Compile",
    "Client_BufferFromHostBuffer", "Executable_Destroy", "Executable_NumOutputs", "LoadedExecutable_Destroy",
    "LoadedExecutable_GetExecutable", "LoadedExecutable_Execute", "Buffer_Destroy", "Buffer_IsDeleted",
    "Buffer_ToHostBuffer", "Executable_GetCompiledMemoryStats",
  ]

  /// Structures by PJRT's names and ours, with the fields that are used.
  private static let structures: [(theirs: String, ours: String, fields: [String])] = [
    ("PJRT_Error_Message_Args", "error_message", ["error", "message", "message_size"]),
    ("PJRT_Error_GetCode_Args", "error_get_code", ["error", "code"]),
    ("PJRT_Plugin_Initialize_Args", "plugin_initialize", ["extension_start"]),
    (
      "PJRT_Client_Create_Args", "client_create",
      ["create_options", "num_options", "client", "kv_try_get_callback", "kv_try_get_user_arg"]
    ),
    (
      "PJRT_Client_PlatformName_Args", "client_platform_name", ["client", "platform_name", "platform_name_size"]
    ),
    (
      "PJRT_Client_AddressableDevices_Args", "client_addressable_devices",
      ["client", "addressable_devices", "num_addressable_devices"]
    ),
    ("PJRT_Program", "program", ["code", "code_size", "format", "format_size"]),
    (
      "PJRT_Client_Compile_Args", "client_compile",
      ["client", "program", "compile_options", "compile_options_size", "executable"]
    ),
    (
      "PJRT_Client_BufferFromHostBuffer_Args", "client_buffer_from_host_buffer",
      [
        "client", "data", "type", "dims", "num_dims", "byte_strides", "num_byte_strides", "host_buffer_semantics",
        "device", "memory", "device_layout", "done_with_host_buffer", "buffer",
      ]
    ),
    ("PJRT_Executable_NumOutputs_Args", "executable_num_outputs", ["executable", "num_outputs"]),
    (
      "PJRT_LoadedExecutable_GetExecutable_Args", "loaded_executable_get_executable",
      ["loaded_executable", "executable"]
    ),
    (
      "PJRT_ExecuteOptions", "execute_options",
      [
        "launch_id", "non_donatable_input_indices", "num_non_donatable_input_indices", "context", "call_location",
        "num_tasks", "task_ids", "incarnation_ids",
      ]
    ),
    (
      "PJRT_LoadedExecutable_Execute_Args", "loaded_executable_execute",
      [
        "executable", "options", "argument_lists", "num_devices", "num_args", "output_lists", "device_complete_events",
        "execute_device",
      ]
    ),
    ("PJRT_Buffer_IsDeleted_Args", "buffer_is_deleted", ["buffer", "is_deleted"]),
    (
      "PJRT_Buffer_MemoryLayout", "memory_layout",
      ["type", "tiled.struct_size", "tiled.minor_to_major", "tiled.minor_to_major_size", "tiled.num_tiles"]
    ),
    ("PJRT_Buffer_ToHostBuffer_Args", "buffer_to_host_buffer", ["src", "host_layout", "dst", "dst_size", "event"]),
    (
      "PJRT_Executable_GetCompiledMemoryStats_Args", "executable_get_compiled_memory_stats",
      ["executable", "temp_size_in_bytes", "host_temp_size_in_bytes", "peak_memory_in_bytes"]
    ),
  ]

  /// Structures that have one object each, as `recurve_pjrt_object`.
  private static let objects = [
    "Error_Destroy": "error", "Event_Destroy": "event", "Event_Await": "event", "Client_Destroy": "client",
    "Executable_Destroy": "executable", "LoadedExecutable_Destroy": "executable", "Buffer_Destroy": "buffer",
  ]

  private static let numbers = [
    "PJRT_Buffer_Type_PRED": "RECURVE_PJRT_PRED", "PJRT_Buffer_Type_S32": "RECURVE_PJRT_S32",
    "PJRT_Buffer_Type_F32": "RECURVE_PJRT_F32", "PJRT_Buffer_Type_F64": "RECURVE_PJRT_F64",
    "PJRT_Error_Code_RESOURCE_EXHAUSTED": "RECURVE_PJRT_RESOURCE_EXHAUSTED",
    "PJRT_HostBufferSemantics_kImmutableOnlyDuringCall": "0", "PJRT_Buffer_MemoryLayout_Type_Tiled": "0",
  ]

  /// `Client_PlatformName` as `CLIENT_PLATFORM_NAME`.
  private static func ours(_ function: String) -> String {
    var words = ""
    for (letter, before) in zip(function, "_" + function) {
      if letter.isUppercase && before != "_" { words += "_" }
      words += letter.uppercased()
    }
    return words
  }

  private static var assertions: [String] {
    let offset = { (type: String, field: String) in "offsetof(\(type), \(field))" }
    let places = functions.map { function in
      (
        "sizeof(recurve_pjrt_api) + sizeof(void *) * RECURVE_PJRT_\(ours(function))",
        offset("PJRT_Api", "PJRT_" + function)
      )
    }
    let fields = structures.flatMap { structure in
      let own = "recurve_pjrt_" + structure.ours
      return structure.fields.map { (offset(own, $0), offset(structure.theirs, $0)) }
        + [("sizeof(\(own))", "sizeof(\(structure.theirs))")]
    }
    let single = objects.map { function, field in
      (offset("recurve_pjrt_object", "object"), offset("PJRT_\(function)_Args", field))
    }
    let version = ["major_version", "minor_version"].map { field in
      (offset("recurve_pjrt_api", "version." + field), offset("PJRT_Api", "pjrt_api_version." + field))
    }
    let pairs = places + fields + single + version + numbers.map { ($1, $0) }
    return pairs.map { "_Static_assert(\($0.0) == \($0.1), \"\($0.1)\");" }
  }

  @Test func everythingThatIsUsedLiesWhereItDoesInTheHeader() throws {
    let header = try #require(Plugin.header)
    #expect(Self.assertions.count > 90)
    try withTemporaryFolder { folder in
      let text = (["#include \"\(header)\"", "#include \"recurve_pjrt.h\""] + Self.assertions).joined(separator: "\n")
      try text.write(toFile: folder + "/layout.c", atomically: true, encoding: .utf8)
      do { try FakePlugin.compile(["-fsyntax-only", folder + "/layout.c"]) } catch let error
        as FakePlugin.CompilationFailure
      { Issue.record("\(error.errors)") }
    }
  }
}
