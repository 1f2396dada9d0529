// What is used of PJRT's interface in C, by which compilers and devices of others are loaded as plugins.
//
// The interface only grows: a function keeps its place in the table and a field its place among the arguments. So positions
// and layouts are enough, and a test holds them against a header of PJRT where there is one.
#ifndef RECURVE_PJRT_H
#define RECURVE_PJRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Arguments, and all else that crosses the border, begin with their size and with extensions, of which none is used.
#define RECURVE_PJRT_HEAD \
  size_t struct_size;     \
  void *extension_start

// What the entry point of a plugin returns; a table of functions follows.
typedef struct {
  RECURVE_PJRT_HEAD;
  struct {
    RECURVE_PJRT_HEAD;
    int major_version;
    int minor_version;
  } version;
} recurve_pjrt_api;

// Places in the table of functions.
typedef enum {
  RECURVE_PJRT_ERROR_DESTROY = 0,
  RECURVE_PJRT_ERROR_MESSAGE = 1,
  RECURVE_PJRT_ERROR_GET_CODE = 2,
  RECURVE_PJRT_PLUGIN_INITIALIZE = 3,
  RECURVE_PJRT_EVENT_DESTROY = 5,
  RECURVE_PJRT_EVENT_AWAIT = 8,
  RECURVE_PJRT_CLIENT_CREATE = 10,
  RECURVE_PJRT_CLIENT_DESTROY = 11,
  RECURVE_PJRT_CLIENT_PLATFORM_NAME = 12,
  RECURVE_PJRT_CLIENT_ADDRESSABLE_DEVICES = 16,
  RECURVE_PJRT_CLIENT_COMPILE = 20,
  RECURVE_PJRT_CLIENT_BUFFER_FROM_HOST_BUFFER = 22,
  RECURVE_PJRT_EXECUTABLE_DESTROY = 40,
  RECURVE_PJRT_EXECUTABLE_NUM_OUTPUTS = 44,
  RECURVE_PJRT_LOADED_EXECUTABLE_DESTROY = 50,
  RECURVE_PJRT_LOADED_EXECUTABLE_GET_EXECUTABLE = 51,
  RECURVE_PJRT_LOADED_EXECUTABLE_EXECUTE = 55,
  RECURVE_PJRT_BUFFER_DESTROY = 58,
  RECURVE_PJRT_BUFFER_IS_DELETED = 68,
  RECURVE_PJRT_BUFFER_TO_HOST_BUFFER = 70,
  RECURVE_PJRT_EXECUTABLE_GET_COMPILED_MEMORY_STATS = 96,
} recurve_pjrt_function;

// Kinds of numbers that buffers hold.
enum { RECURVE_PJRT_PRED = 1, RECURVE_PJRT_S32 = 4, RECURVE_PJRT_F32 = 11, RECURVE_PJRT_F64 = 12 };

// The code of errors that are about memory.
enum { RECURVE_PJRT_RESOURCE_EXHAUSTED = 8 };

typedef struct {
  RECURVE_PJRT_HEAD;
} recurve_pjrt_plugin_initialize;

// Of an error, an event, a client, a buffer or an executable: to destroy it or to wait for it.
typedef struct {
  RECURVE_PJRT_HEAD;
  void *object;
} recurve_pjrt_object;

typedef struct {
  RECURVE_PJRT_HEAD;
  const void *error;
  const char *message;
  size_t message_size;
} recurve_pjrt_error_message;

typedef struct {
  RECURVE_PJRT_HEAD;
  const void *error;
  int code;
} recurve_pjrt_error_get_code;

typedef struct {
  RECURVE_PJRT_HEAD;
  const void *create_options;
  size_t num_options;
  void *kv_get_callback;
  void *kv_get_user_arg;
  void *kv_put_callback;
  void *kv_put_user_arg;
  void *client;
  void *kv_try_get_callback;
  void *kv_try_get_user_arg;
} recurve_pjrt_client_create;

typedef struct {
  RECURVE_PJRT_HEAD;
  void *client;
  const char *platform_name;
  size_t platform_name_size;
} recurve_pjrt_client_platform_name;

typedef struct {
  RECURVE_PJRT_HEAD;
  void *client;
  void *const *addressable_devices;
  size_t num_addressable_devices;
} recurve_pjrt_client_addressable_devices;

typedef struct {
  RECURVE_PJRT_HEAD;
  const char *code;
  size_t code_size;
  const char *format;
  size_t format_size;
} recurve_pjrt_program;

typedef struct {
  RECURVE_PJRT_HEAD;
  void *client;
  const recurve_pjrt_program *program;
  const char *compile_options;
  size_t compile_options_size;
  void *executable;
} recurve_pjrt_client_compile;

typedef struct {
  RECURVE_PJRT_HEAD;
  void *client;
  const void *data;
  int type;
  const int64_t *dims;
  size_t num_dims;
  const int64_t *byte_strides;
  size_t num_byte_strides;
  int host_buffer_semantics;
  void *device;
  void *memory;
  void *device_layout;
  void *done_with_host_buffer;
  void *buffer;
} recurve_pjrt_client_buffer_from_host_buffer;

typedef struct {
  RECURVE_PJRT_HEAD;
  void *executable;
  size_t num_outputs;
} recurve_pjrt_executable_num_outputs;

typedef struct {
  RECURVE_PJRT_HEAD;
  void *loaded_executable;
  void *executable;
} recurve_pjrt_loaded_executable_get_executable;

typedef struct {
  RECURVE_PJRT_HEAD;
  void *send_callbacks;
  void *recv_callbacks;
  size_t num_send_ops;
  size_t num_recv_ops;
  int launch_id;
  const int64_t *non_donatable_input_indices;
  size_t num_non_donatable_input_indices;
  void *context;
  const char *call_location;
  size_t num_tasks;
  int *task_ids;
  int64_t *incarnation_ids;
} recurve_pjrt_execute_options;

typedef struct {
  RECURVE_PJRT_HEAD;
  void *executable;
  recurve_pjrt_execute_options *options;
  void *const *const *argument_lists;
  size_t num_devices;
  size_t num_args;
  void **const *output_lists;
  void **device_complete_events;
  void *execute_device;
} recurve_pjrt_loaded_executable_execute;

typedef struct {
  RECURVE_PJRT_HEAD;
  void *buffer;
  bool is_deleted;
} recurve_pjrt_buffer_is_deleted;

// Which dimension is innermost, and so on; other fields are of tiles, of which hosts have none.
typedef struct {
  RECURVE_PJRT_HEAD;
  struct {
    RECURVE_PJRT_HEAD;
    const int64_t *minor_to_major;
    size_t minor_to_major_size;
    const int64_t *tile_dims;
    const size_t *tile_dim_sizes;
    size_t num_tiles;
  } tiled;
  int type;
} recurve_pjrt_memory_layout;

typedef struct {
  RECURVE_PJRT_HEAD;
  void *src;
  recurve_pjrt_memory_layout *host_layout;
  void *dst;
  size_t dst_size;
  void *event;
} recurve_pjrt_buffer_to_host_buffer;

typedef struct {
  RECURVE_PJRT_HEAD;
  void *executable;
  int64_t generated_code_size_in_bytes;
  int64_t argument_size_in_bytes;
  int64_t output_size_in_bytes;
  int64_t alias_size_in_bytes;
  int64_t temp_size_in_bytes;
  int64_t host_generated_code_size_in_bytes;
  int64_t host_argument_size_in_bytes;
  int64_t host_output_size_in_bytes;
  int64_t host_alias_size_in_bytes;
  int64_t host_temp_size_in_bytes;
  int64_t peak_memory_in_bytes;
} recurve_pjrt_executable_get_compiled_memory_stats;

// How many functions the table of a plugin has.
size_t recurve_pjrt_function_count(const recurve_pjrt_api *api);

// Calls a function by its place with its arguments; what it returns is an error, or null where all went well.
void *recurve_pjrt_call(const recurve_pjrt_api *api, recurve_pjrt_function function, void *arguments);

// The same for the functions about errors themselves, which return nothing.
void recurve_pjrt_call_about_error(const recurve_pjrt_api *api, recurve_pjrt_function function, void *arguments);

#endif
