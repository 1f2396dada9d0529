import Foundation

/// A PJRT plugin that compiles nothing, gives back zeros, and fails where it is told to.
public struct FakePlugin {
  public var major: Int
  public var minor: Int
  /// What its compiler says; nil where it compiles.
  public var compileProblem: String?
  /// The run that fails, counted from 1 over all programs of the process, for want of memory; nil for none.
  public var failingRun: Int?
  /// Whether a run that fails has used up what it was to replace.
  public var losesArguments = true

  public init(major: Int = 0, minor: Int = 115) { (self.major, self.minor) = (major, minor) }

  /// Builds the plugin.
  ///
  /// - Returns: its path.
  public func build(in folder: String) throws -> String {
    let (source, library) = (folder + "/plugin.c", folder + "/fake_pjrt_plugin.so")
    try Self.text.write(toFile: source, atomically: true, encoding: .utf8)
    let problem = compileProblem.map { ["-DCOMPILE_PROBLEM=\"\($0)\""] } ?? []
    try Self.compile(
      ["-shared", "-fPIC", "-o", library, source, "-DMAJOR=\(major)", "-DMINOR=\(minor)"] + problem
        + ["-DFAILING_RUN=\(failingRun ?? 0)", "-DLOSES=\(losesArguments ? 1 : 0)"])
    return library
  }

  /// Runs the C compiler with our header of PJRT at hand.
  ///
  /// - Throws: `CompilationFailure` with what it says.
  public static func compile(_ arguments: [String]) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["clang", "-I", root.path + "/Sources/Runtime/CPJRT/include"] + arguments
    process.standardError = pipe
    try process.run()
    let errors = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    if process.terminationStatus != 0 { throw CompilationFailure(errors: errors) }
  }

  public struct CompilationFailure: Error { public var errors: String }

  private static let text = #"""
    #include "recurve_pjrt.h"
    #include <stdlib.h>
    #include <string.h>

    typedef struct { int code; const char *text; } failure;
    typedef struct { bool is_used_up; } buffer;

    static void *fail(int code, const char *text) {
      failure *made = malloc(sizeof *made);
      made->code = code;
      made->text = text;
      return made;
    }

    static void destroy_error(recurve_pjrt_object *call) { free(call->object); }
    static void message(recurve_pjrt_error_message *call) {
      call->message = ((const failure *)call->error)->text;
      call->message_size = strlen(call->message);
    }
    static void *get_code(recurve_pjrt_error_get_code *call) {
      call->code = ((const failure *)call->error)->code;
      return 0;
    }
    static void *nothing(void *call) { return 0; }
    static void *destroy(recurve_pjrt_object *call) { free(call->object); return 0; }

    static void *create_client(recurve_pjrt_client_create *call) {
      call->client = malloc(1);
      return 0;
    }
    static void *platform(recurve_pjrt_client_platform_name *call) {
      call->platform_name = "fake";
      call->platform_name_size = 4;
      return 0;
    }
    static void *devices(recurve_pjrt_client_addressable_devices *call) {
      static void *all[1] = {&all};
      call->addressable_devices = all;
      call->num_addressable_devices = 1;
      return 0;
    }

    // Of the program that was compiled: how many results it has, and which arguments a run uses up.
    typedef struct { size_t results; size_t arguments; bool donated[4096]; } program;

    static void *compile(recurve_pjrt_client_compile *call) {
    #ifdef COMPILE_PROBLEM
      return fail(3, COMPILE_PROBLEM);
    #endif
      program *made = calloc(1, sizeof *made);
      const char *at = strstr(call->program->code, "@main(");
      const char *end = strstr(at, "-> (");
      for (; at < end; at++) {
        if (!strncmp(at, "%arg", 4)) made->arguments++;
        if (!strncmp(at, "tf.aliasing_output", 18)) made->donated[made->arguments - 1] = true;
      }
      for (; *at != '\n'; at++) made->results += !strncmp(at, "tensor<", 7);
      call->executable = made;
      return 0;
    }
    static void *get_executable(recurve_pjrt_loaded_executable_get_executable *call) {
      program *copy = malloc(sizeof *copy);
      memcpy(copy, call->loaded_executable, sizeof *copy);
      call->executable = copy;
      return 0;
    }
    static void *result_count(recurve_pjrt_executable_num_outputs *call) {
      call->num_outputs = ((program *)call->executable)->results;
      return 0;
    }
    static void *memory(recurve_pjrt_executable_get_compiled_memory_stats *call) {
      call->temp_size_in_bytes = 12345;
      return 0;
    }

    static void *upload(recurve_pjrt_client_buffer_from_host_buffer *call) {
      call->buffer = calloc(1, sizeof(buffer));
      return 0;
    }
    static void *is_used_up(recurve_pjrt_buffer_is_deleted *call) {
      call->is_deleted = ((buffer *)call->buffer)->is_used_up;
      return 0;
    }
    static void *download(recurve_pjrt_buffer_to_host_buffer *call) {
      memset(call->dst, 0, call->dst_size);
      return 0;
    }

    static void *execute(recurve_pjrt_loaded_executable_execute *call) {
      static int runs = 0;
      program *own = call->executable;
      bool fails = ++runs == FAILING_RUN;
      for (size_t i = 0; i < call->num_args; i++) {
        buffer *argument = call->argument_lists[0][i];
        if (argument->is_used_up) return fail(3, "an argument is used up");
        if (own->donated[i] && (!fails || LOSES)) argument->is_used_up = true;
      }
      if (fails) return fail(8, "Out of memory allocating 64 bytes");
      for (size_t i = 0; i < own->results; i++) call->output_lists[0][i] = calloc(1, sizeof(buffer));
      return 0;
    }

    static struct { recurve_pjrt_api head; void *table[128]; } api = {
      .head = {.struct_size = sizeof api, .version = {.major_version = MAJOR, .minor_version = MINOR}},
      .table = {
        [RECURVE_PJRT_ERROR_DESTROY] = destroy_error,
        [RECURVE_PJRT_ERROR_MESSAGE] = message,
        [RECURVE_PJRT_ERROR_GET_CODE] = get_code,
        [RECURVE_PJRT_PLUGIN_INITIALIZE] = nothing,
        [RECURVE_PJRT_EVENT_DESTROY] = nothing,
        [RECURVE_PJRT_EVENT_AWAIT] = nothing,
        [RECURVE_PJRT_CLIENT_CREATE] = create_client,
        [RECURVE_PJRT_CLIENT_DESTROY] = destroy,
        [RECURVE_PJRT_CLIENT_PLATFORM_NAME] = platform,
        [RECURVE_PJRT_CLIENT_ADDRESSABLE_DEVICES] = devices,
        [RECURVE_PJRT_CLIENT_COMPILE] = compile,
        [RECURVE_PJRT_CLIENT_BUFFER_FROM_HOST_BUFFER] = upload,
        [RECURVE_PJRT_EXECUTABLE_DESTROY] = destroy,
        [RECURVE_PJRT_EXECUTABLE_NUM_OUTPUTS] = result_count,
        [RECURVE_PJRT_LOADED_EXECUTABLE_DESTROY] = destroy,
        [RECURVE_PJRT_LOADED_EXECUTABLE_GET_EXECUTABLE] = get_executable,
        [RECURVE_PJRT_LOADED_EXECUTABLE_EXECUTE] = execute,
        [RECURVE_PJRT_BUFFER_DESTROY] = destroy,
        [RECURVE_PJRT_BUFFER_IS_DELETED] = is_used_up,
        [RECURVE_PJRT_BUFFER_TO_HOST_BUFFER] = download,
        [RECURVE_PJRT_EXECUTABLE_GET_COMPILED_MEMORY_STATS] = memory,
      }};

    const void *GetPjrtApi(void) { return &api; }
    """#
}
