// Random products in blocks of exactly their size, by every entry, against plain loops.
#include "driver.h"
#include "recurve_contraction.c"
#include "recurve_workers.h"

#include <math.h>

enum { batch_kind, m_kind, n_kind, k_kind };
enum { a_side, b_side, result_side };

typedef struct {
  recurve_contraction contraction;
  int64_t count[3];  // elements of a, b, result
  float *a, *b, *start, *result, *expected;
  const float *accumulator;
  char *scratch;
} product;

static int64_t *stride_of(recurve_axis *axis, int side) {
  return side == a_side ? &axis->a_stride : side == b_side ? &axis->b_stride : &axis->result_stride;
}

// Axes of the operands in any order in memory, with gaps now and then.
static void lay_out(recurve_contraction *c, int side, int64_t *count) {
  recurve_axis *axes[3 * RECURVE_MAX_AXES];
  int length = 0;
  recurve_axis *lists[] = {c->batch, c->m, c->n, c->k};
  int32_t counts[] = {c->batch_count, c->m_count, c->n_count, c->k_count};
  for (int kind = 0; kind < 4; kind++) {
    if (kind == (side == a_side ? n_kind : side == b_side ? m_kind : k_kind)) continue;
    for (int32_t i = 0; i < counts[kind]; i++) axes[length++] = &lists[kind][i];
  }
  for (int i = length - 1; i > 0 && next() % 2 == 0; i--) {
    int64_t j = below(i + 1);
    recurve_axis *other = axes[i];
    axes[i] = axes[j];
    axes[j] = other;
  }
  int64_t stride = 1;
  *count = 1;
  for (int i = length - 1; i >= 0; i--) {
    *stride_of(axes[i], side) = stride;
    *count = axes[i]->extent == 0 ? 0 : *count + (axes[i]->extent - 1) * stride * (*count > 0);
    stride *= recurve_maximum(axes[i]->extent, 1);
    if (below(6) == 0) stride += 1 + below(5);
  }
}

static float *numbers(int64_t count) {
  float *found = block((size_t)count * sizeof(float));
  for (int64_t i = 0; i < count; i++) found[i] = (float)(below(2001) - 1000) / 700.0f;
  return found;
}

static int64_t offset(const recurve_axis *axes, int32_t count, int64_t index, int side) {
  int64_t total = 0;
  for (int32_t i = count - 1; i >= 0; i--) {
    recurve_axis axis = axes[i];
    total += index % axis.extent * *stride_of(&axis, side);
    index /= axis.extent;
  }
  return total;
}

static int64_t extent(const recurve_axis *axes, int32_t count) {
  int64_t total = 1;
  for (int32_t i = 0; i < count; i++) total *= axes[i].extent;
  return total;
}

static void expect(product *p) {
  const recurve_contraction *c = &p->contraction;
  int64_t batch = extent(c->batch, c->batch_count), m = extent(c->m, c->m_count), n = extent(c->n, c->n_count),
          k = extent(c->k, c->k_count);
  for (int64_t i = 0; i < batch * m * n; i++) {
    int64_t at[3];
    for (int side = 0; side < 3; side++)
      at[side] = offset(c->batch, c->batch_count, i / (m * n), side) +
          offset(c->m, c->m_count, i / n % m, side) + offset(c->n, c->n_count, i % n, side);
    float sum = -0.0f;
    for (int64_t start = 0; start < k; start += RECURVE_CHAIN) {
      float chain = -0.0f;
      for (int64_t j = start; j < k && j < start + RECURVE_CHAIN; j++)
        chain = fmaf(p->a[at[a_side] + offset(c->k, c->k_count, j, a_side)],
            p->b[at[b_side] + offset(c->k, c->k_count, j, b_side)], chain);
      sum += chain;
    }
    p->expected[at[result_side]] = p->accumulator ? p->start[at[result_side]] + sum : sum;
  }
}

static product draw(void) {
  static const int64_t most[][4] = {
      {3, 5, 60, 50}, {2, 40, 40, 60}, {2, 60, 5, 50}, {4, 50, 70, 20}, {1, 12, 33, 600}, {40, 9, 9, 9}, {1, 81, 17, 33}};
  const int64_t *extents = most[below(7)];
  product p = {0};
  for (int kind = 0; kind < 4; kind++) {
    int64_t rest = below(30) == 0 ? 0 : 1 + below(extents[kind]);
    for (int parts = 0; parts < 2 && rest > 4 && next() % 3 == 0; parts++) {
      int64_t factor = 2 + below(3);
      if (rest % factor) continue;
      recurve_add_axis(&p.contraction, (recurve_axis_kind)kind, (recurve_axis){.extent = factor});
      rest /= factor;
    }
    recurve_add_axis(&p.contraction, (recurve_axis_kind)kind, (recurve_axis){.extent = rest});
  }
  for (int side = 0; side < 3; side++) lay_out(&p.contraction, side, &p.count[side]);
  p.a = numbers(p.count[a_side]);
  p.b = numbers(p.count[b_side]);
  p.start = numbers(p.count[result_side]);
  p.result = block((size_t)p.count[result_side] * sizeof(float));
  p.expected = block((size_t)p.count[result_side] * sizeof(float));
  return p;
}

static void run_share(void *context, const recurve_share *share) {
  product *p = context;
  recurve_contract_f32(&p->contraction, p->a, p->b, p->accumulator, p->result, p->scratch, share);
}

static void reset(product *p) {
  memcpy(p->result, p->start, (size_t)p->count[result_side] * sizeof(float));
  memcpy(p->expected, p->start, (size_t)p->count[result_side] * sizeof(float));
}

static void compare(const product *p, const char *what) {
  check(memcmp(p->result, p->expected, (size_t)p->count[result_side] * sizeof(float)) == 0, what);
}

static void by_shares(product *p, recurve_pool *pool) {
  int64_t workers = recurve_pool_worker_count(pool);
  int64_t shares = workers + below(3 * workers + 1);
  p->accumulator = below(2) ? p->result : NULL;
  p->scratch = block((size_t)recurve_contraction_scratch_byte_count(&p->contraction, workers, shares));
  reset(p);
  expect(p);
  recurve_pool_run(pool, run_share, p, shares);
  compare(p, "a product by shares");
  free(p->scratch);
}

static void by_rows(product *p) {
  if (!recurve_goes_by_rows(&p->contraction)) return;
  p->accumulator = NULL;
  reset(p);
  expect(p);
  float *packed = block((size_t)recurve_packed_byte_count(&p->contraction));
  int64_t scratch_bytes = recurve_rows_scratch_byte_count(&p->contraction);
  p->scratch = block((size_t)scratch_bytes);
  char *end = p->scratch + scratch_bytes;
  for (recurve_share share = {.count = 3, .workers = 1}; share.index < 3; share.index++)
    recurve_pack_f32(&p->contraction, p->b, packed, &share);
  int64_t rows = extent(p->contraction.m, p->contraction.m_count);
  int64_t panels = recurve_ceiling_quotient(rows, RECURVE_PANEL_ROWS), middle = panels / 2;
  recurve_contract_rows_f32(&p->contraction, p->a, packed, NULL, p->result, end, 0, middle);
  recurve_contract_rows_f32(&p->contraction, p->a, packed, NULL, p->result, end, middle, panels);
  compare(p, "a product by rows");
  free(packed);
  free(p->scratch);
}

static void in_double(product *p) {
  double *sides[3];
  for (int side = 0; side < 3; side++) {
    sides[side] = block((size_t)p->count[side] * sizeof(double));
    for (int64_t i = 0; i < p->count[side]; i++) sides[side][i] = 0.5;
  }
  recurve_share whole = {.count = 1, .workers = 1};
  recurve_contract_f64(&p->contraction, sides[a_side], sides[b_side], NULL, sides[result_side], NULL, &whole);
  for (int side = 0; side < 3; side++) free(sides[side]);
}

int main(int count, char **arguments) {
  state = count > 1 ? strtoull(arguments[1], NULL, 10) : 1;
  for (int64_t workers = 1; workers <= 3; workers++) {
    recurve_pool *pool = recurve_pool_create(workers);
    for (int round = 0; round < 120; round++) {
      product p = draw();
      by_shares(&p, pool);
      by_rows(&p);
      in_double(&p);
      free(p.a);
      free(p.b);
      free(p.start);
      free(p.result);
      free(p.expected);
    }
    recurve_pool_destroy(pool);
  }
  return 0;
}
