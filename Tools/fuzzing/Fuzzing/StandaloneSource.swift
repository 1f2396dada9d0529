import CodeGeneration
import Compilation
import KernelIR
import Scheduling

/// A compiled program as one C file: every buffer and every parameter is a block of exactly its size, so that a sanitizer
/// sees each byte that a kernel reads or writes outside of it.
///
/// It reads the parameters from the file of its first argument and writes the results to that of its second.
struct StandaloneSource {
  private let schedule: Schedule
  private let workerCount: Int
  private var lines: [String] = []

  static func text(_ plan: CompilationPlan, workerCount: Int) -> String {
    var source = StandaloneSource(schedule: plan.schedule, workerCount: workerCount)
    source.writeMain()
    let kernels = KernelCompiler.source(plan.schedule.functions, plan.target)
    return kernels + support + source.lines.joined(separator: "\n") + "\n"
  }

  private init(schedule: Schedule, workerCount: Int) {
    self.schedule = schedule
    self.workerCount = workerCount
  }

  private static let support = """

    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include "recurve_workers.h"
    extern char recurve_contract_f32_entry[], recurve_contract_f64_entry[], recurve_pack_f32_entry[],
      recurve_contract_rows_f32_entry[], recurve_contract_batch_f32_entry[];
    static char *allocate(size_t count) {
      void *block = NULL;
      if (posix_memalign(&block, 64, count ? count : 1) != 0) abort();
      memset(block, 0xA5, count);
      return block;
    }
    static char *parameter(FILE *file, size_t count) {
      char *block = allocate(count);
      if (fread(block, 1, count, file) != count) abort();
      return block;
    }
    typedef struct { recurve_kernel entry; char *const *arguments; char *scratch; } launch;
    static void run_share(void *context, const recurve_share *share) {
      const launch *self = context;
      self->entry(self->arguments, self->scratch, share);
    }
    static recurve_pool *pool;
    static void run(recurve_kernel entry, char *const *arguments, char *scratch, int64_t shares) {
      recurve_share whole = {0, 1, 0, 1};
      launch self = {entry, arguments, scratch};
      if (shares > 1) recurve_pool_run(pool, run_share, &self, shares);
      else entry(arguments, scratch, &whole);
    }

    """

  private mutating func writeMain() {
    lines.append("int main(int count, char **arguments) {")
    lines.append("  FILE *input = fopen(arguments[1], \"rb\"), *output = fopen(arguments[2], \"wb\");")
    lines.append(
      "  if (count != 3 || !input || !output || !(pool = recurve_pool_create(\(max(workerCount, 1))))) abort();")
    lines.append(
      "  recurve_bind(recurve_contract_f32_entry, recurve_contract_f64_entry, recurve_pack_f32_entry, "
        + "recurve_contract_rows_f32_entry, recurve_contract_batch_f32_entry);")
    for (index, parameter) in schedule.parameters.enumerated() {
      lines.append("  char *p\(index) = parameter(input, \(parameter.type.byteCount));")
    }
    for (index, buffer) in schedule.problem.buffers.enumerated() {
      lines.append("  char *b\(index) = allocate(\(buffer.byteCount));")
    }
    lines += schedule.steps.map { "  " + text($0) }
    for result in schedule.results {
      lines.append("  fwrite(\(text(result.place)), 1, \(result.type.byteCount), output);")
    }
    for index in schedule.parameters.indices { lines.append("  free(p\(index));") }
    for index in schedule.problem.buffers.indices { lines.append("  free(b\(index));") }
    lines.append("  recurve_pool_destroy(pool);\n  return fclose(output);\n}")
  }

  private func text(_ step: Step) -> String {
    switch step {
    case .call(let call):
      let arguments = call.arguments.map { text($0.place) }.joined(separator: ", ")
      let scratch = call.scratch.map(text) ?? "NULL"
      return "{ char *arguments[] = {\(arguments)}; "
        + "run(recurve_kernel_\(call.function), arguments, \(scratch), \(workerCount > 1 ? call.shares : 1)); }"
    case .copy(let source, let destination, let byteCount):
      return "memmove(\(text(destination)), \(text(source)), \(byteCount));"
    case .storeIteration(let loop, let destination):
      return "*(int32_t *)(\(text(destination))) = (int32_t)step\(loop);"
    case .loopBegin(let loop):
      let index = "step\(loop.number)"
      if let count = loop.runTimeCount {
        let limit = "count\(loop.number)"
        return "for (int64_t \(index) = 0, \(limit) = *(int32_t *)(\(text(count))); "
          + "\(index) < \(loop.count) && \(index) < \(limit); \(index)++) {"
      }
      return loop.isReversed
        ? "for (int64_t \(index) = \(loop.count - 1); \(index) >= 0; \(index)--) {"
        : "for (int64_t \(index) = 0; \(index) < \(loop.count); \(index)++) {"
    case .loopEnd: return "}"
    }
  }

  private func text(_ place: Place) -> String {
    let base =
      switch place.base {
      case .buffer(let index): "b\(index)"
      case .parameter(let index): "p\(index)"
      }
    let terms = place.terms.map { " + step\($0.loop) * \($0.byteStride)" }.joined()
    return "\(base)\(place.byteOffset == 0 ? "" : " + \(place.byteOffset)")\(terms)"
  }
}
