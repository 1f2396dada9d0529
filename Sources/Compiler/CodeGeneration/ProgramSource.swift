import CKernelSupport
import KernelIR

/// The C text of functions, complete: nothing but the compiler's own headers is included.
enum ProgramSource {
  static func text(_ functions: [(number: Int, body: String)]) -> String {
    ([prelude] + functions.map(\.body)).joined(separator: "\n")
  }

  static func functionName(_ number: Int) -> String { "recurve_kernel_\(number)" }

  /// The contraction's implementation as a library of its own: compiled once for all programs.
  static var contractionLibrary: String {
    String(cString: recurve_contraction_source()) + String(cString: recurve_blas_source()) + """

      _Static_assert(RECURVE_CHAIN == \(Contraction.chainLength), "chains are as long as in the language");

      void recurve_contract_f32_entry(const recurve_contraction *c, const float *a, const float *b,
        const float *accumulator, float *result, char *scratch, const recurve_share *share) {
        recurve_contract_f32(c, a, b, accumulator, result, scratch, share);
      }
      void recurve_contract_f64_entry(const recurve_contraction *c, const double *a, const double *b,
        const double *accumulator, double *result, char *scratch, const recurve_share *share) {
        recurve_contract_f64(c, a, b, accumulator, result, scratch, share);
      }
      void recurve_pack_f32_entry(const recurve_contraction *c, const float *b, float *packed,
        const recurve_share *share) {
        recurve_pack_f32(c, b, packed, share);
      }
      void recurve_contract_rows_f32_entry(const recurve_contraction *c, const float *a, const float *packed_b,
        const float *accumulator, float *result, char *scratch_end, int64_t first_panel, int64_t end_panel) {
        recurve_contract_rows_f32(c, a, packed_b, accumulator, result, scratch_end, first_panel, end_panel);
      }
      void recurve_contract_batch_f32_entry(const recurve_contraction *c, const float *a, const float *b,
        const float *accumulator, float *result, char *scratch_end, int64_t first, int64_t end) {
        recurve_contract_batch_f32(c, a, b, accumulator, result, scratch_end, first, end);
      }

      """
  }

  private static var prelude: String {
    String(cString: recurve_math_source()) + String(cString: recurve_share_source()) + """

      #include <stddef.h>
      #define RECURVE_VECTORIZE _Pragma("clang loop vectorize(assume_safety)")
      // A few columns in whole vectors; unrolled first, they would become single elements or pairs of them.
      #define RECURVE_PRAGMA(text) _Pragma(#text)
      #define RECURVE_VECTORIZE_SHORT(width) \
        RECURVE_PRAGMA(clang loop vectorize(assume_safety) vectorize_width(width) interleave_count(1) unroll(disable))
      // Whole lanes at once; unrolled first, a short loop would become pairs of elements.
      #define RECURVE_VECTORIZE_LANES \
        _Pragma("clang loop vectorize(assume_safety) vectorize_width(16) interleave_count(2) unroll(disable)")
      // Fewer than 32 lanes: the last vector is masked.
      #define RECURVE_VECTORIZE_REST \
        _Pragma("clang loop vectorize(assume_safety) vectorize_width(16) interleave_count(1) vectorize_predicate(enable)")
      // Stores a row around the caches, in whole cache lines.
      static inline void recurve_stream_row(char *to, const char *from, int64_t count) {
        typedef float line __attribute__((ext_vector_type(16), may_alias));
        if ((uintptr_t)to % 64) {
          __builtin_memcpy(to, from, (size_t)count);
          return;
        }
        for (int64_t i = 0; i < count; i += 64)
          __builtin_nontemporal_store(*(const line *)(const void *)(from + i), (line *)(void *)(to + i));
      }
      // What went around the caches is there before the next launch begins.
      static inline void recurve_stream_end(void) {
      #if defined(__x86_64__)
        __builtin_ia32_sfence();
      #else
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
      #endif
      }
      static inline int64_t recurve_minimum(int64_t x, int64_t y) { return x < y ? x : y; }
      static inline int64_t recurve_clamp(int64_t index, int64_t bound) {
        return index < 0 ? 0 : index >= bound ? bound - 1 : index;
      }
      static inline float recurve_abs_f32(float x) { return __builtin_fabsf(x); }
      static inline double recurve_abs_f64(double x) { return __builtin_fabs(x); }
      static inline float recurve_sqrt_f32(float x) { return __builtin_sqrtf(x); }
      static inline double recurve_sqrt_f64(double x) { return __builtin_sqrt(x); }
      static inline float recurve_floor_f32(float x) { return __builtin_floorf(x); }
      static inline double recurve_floor_f64(double x) { return __builtin_floor(x); }
      #define recurve_to_f32(x) ((float)(x))
      #define recurve_to_f64(x) ((double)(x))
      #define recurve_to_i32(x) ((int32_t)(x))
      #define recurve_to_bool(x) ((x) != 0)
      #define RECURVE_MAX_AXES 4
      typedef struct { int64_t extent, a_stride, b_stride, result_stride; } recurve_axis;
      typedef struct {
        int32_t batch_count, m_count, n_count, k_count;
        recurve_axis batch[RECURVE_MAX_AXES], m[RECURVE_MAX_AXES], n[RECURVE_MAX_AXES], k[RECURVE_MAX_AXES];
      } recurve_contraction;
      static void (*recurve_contract_f32_binding)(const recurve_contraction *, const float *, const float *,
        const float *, float *, char *, const recurve_share *);
      static void (*recurve_contract_f64_binding)(const recurve_contraction *, const double *, const double *,
        const double *, double *, char *, const recurve_share *);
      static void (*recurve_pack_f32_binding)(const recurve_contraction *, const float *, float *,
        const recurve_share *);
      static void (*recurve_contract_rows_f32_binding)(const recurve_contraction *, const float *, const float *,
        const float *, float *, char *, int64_t, int64_t);
      static void (*recurve_contract_batch_f32_binding)(const recurve_contraction *, const float *, const float *,
        const float *, float *, char *, int64_t, int64_t);
      void recurve_bind(void *contract_f32, void *contract_f64, void *pack_f32, void *contract_rows_f32,
        void *contract_batch_f32) {
        recurve_contract_f32_binding = contract_f32;
        recurve_contract_f64_binding = contract_f64;
        recurve_pack_f32_binding = pack_f32;
        recurve_contract_rows_f32_binding = contract_rows_f32;
        recurve_contract_batch_f32_binding = contract_batch_f32;
      }

      """
  }
}
