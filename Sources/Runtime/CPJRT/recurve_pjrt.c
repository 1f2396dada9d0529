#include "recurve_pjrt.h"

size_t recurve_pjrt_function_count(const recurve_pjrt_api *api) {
  return api->struct_size < sizeof *api ? 0 : (api->struct_size - sizeof *api) / sizeof(void *);
}

static void *entry(const recurve_pjrt_api *api, recurve_pjrt_function function) {
  void *const *table = (void *const *)(api + 1);
  return table[function];
}

void *recurve_pjrt_call(const recurve_pjrt_api *api, recurve_pjrt_function function, void *arguments) {
  return ((void *(*)(void *))entry(api, function))(arguments);
}

void recurve_pjrt_call_about_error(const recurve_pjrt_api *api, recurve_pjrt_function function, void *arguments) {
  ((void (*)(void *))entry(api, function))(arguments);
}
