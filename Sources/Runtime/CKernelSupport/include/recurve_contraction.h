// A strided tensor contraction in f32 and f64: matrix products, batched products, their gradients.
//
//   for every chain of 256 k:  q = -0;  for k in increasing order: q = fma(a_k, b_k, q);  p = p + q
//
// starting from p = -0, gives p; the result is accumulator + p, or p. That is the value of every element, to the bit, on
// every instruction set, for every tiling and every number of workers. (-0 is the exact identity of addition; +0 would
// turn a sum of -0 into +0.) Chains lose fewer digits than one long sum, and a chain's panels fit the caches; that no tile
// cuts a chain is what keeps the order.
//
// Blocking and packing follow Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008). Panels
// are 12 rows of A and 32 columns of B whatever the instruction set, so that scratch sizes do not depend on it.
//
// This file holds the description and the plan. The text of it and of the recurve_contraction_*.inc files is compiled into
// generated kernels for the machine at hand (recurve_contraction_source); the copy inside the package is the portable one.
#ifndef RECURVE_CONTRACTION_H
#define RECURVE_CONTRACTION_H

#include <stddef.h>
#include <stdint.h>

// In a generated source the text comes before.
#ifndef RECURVE_SHARE_H
#include "recurve_share.h"
#endif

#pragma STDC FP_CONTRACT OFF

#ifndef RECURVE_CONTRACTION_LINKAGE
#define RECURVE_CONTRACTION_LINKAGE extern
#endif

// Not inline: the text is compiled often and most of it runs once per product.
#define RECURVE_OUT_OF_LINE static inline __attribute__((noinline))

#define RECURVE_MAX_AXES 4
// Products are summed in chains of this length, and the chains one after another.
#define RECURVE_CHAIN 256
#define RECURVE_PANEL_ROWS 12
#define RECURVE_PANEL_COLUMNS 32
// Of B, packed at a time: about half an L2 cache.
#define RECURVE_BLOCK_BYTES (1 << 20)
#define RECURVE_BLOCK_CHAINS 4
#define RECURVE_MAX_BLOCK_PANELS 64
// Panels of a share of a product, at least.
#define RECURVE_SHARE_PANELS 4

// Strides count elements.
typedef struct {
  int64_t extent, a_stride, b_stride, result_stride;
} recurve_axis;

// Batch axes use all three strides, m axes those of a and the result, n axes those of b and the result, k axes those of a
// and b; a stride that is not used must be 0. Axes of one kind are nested in the given order, the last is the fastest.
typedef struct {
  int32_t batch_count, m_count, n_count, k_count;
  recurve_axis batch[RECURVE_MAX_AXES], m[RECURVE_MAX_AXES], n[RECURVE_MAX_AXES], k[RECURVE_MAX_AXES];
} recurve_contraction;

typedef enum { RECURVE_BATCH_AXIS, RECURVE_M_AXIS, RECURVE_N_AXIS, RECURVE_K_AXIS } recurve_axis_kind;

// Appends the next faster axis of a kind to a description that began as zeros; 0 where there is no room for it.
static inline int recurve_add_axis(recurve_contraction *contraction, recurve_axis_kind kind, recurve_axis axis) {
  int32_t *counts[] = {&contraction->batch_count, &contraction->m_count, &contraction->n_count, &contraction->k_count};
  recurve_axis *lists[] = {contraction->batch, contraction->m, contraction->n, contraction->k};
  if (*counts[kind] >= RECURVE_MAX_AXES) return 0;
  lists[kind][(*counts[kind])++] = axis;
  return 1;
}

// How one contraction runs; everything follows from its shape, its strides and the number of workers.
typedef struct {
  recurve_contraction axes;  // merged, and with a and b exchanged if `exchanged`
  int64_t batch, m, n, k;    // flattened extents
  int64_t m_panels, n_panels;
  int64_t units;                       // of work per batch element: row panels or column panels
  int64_t k_block;                     // k that is packed at a time, whole chains
  int64_t max_m_panels, max_n_panels;  // of a block
  int64_t a_group;                     // panels of A that are packed together
  int32_t exchanged, small, a_direct, b_direct, splits_n;
} recurve_contraction_plan;

// The part of one batch element that a worker computes at a time, in panels.
typedef struct {
  int64_t batch, m_first, m_end, n_first, n_end;
} recurve_region;

static inline int64_t recurve_minimum(int64_t x, int64_t y) { return x < y ? x : y; }
static inline int64_t recurve_maximum(int64_t x, int64_t y) { return x > y ? x : y; }
static inline int64_t recurve_ceiling_quotient(int64_t x, int64_t y) { return (x + y - 1) / y; }

// The rows that register tiles compute for the last rows of A; those beyond are padding.
static inline int64_t recurve_rounded_rows(int64_t rows) {
  return rows > 9 ? 12 : rows > 6 ? 9 : rows > 3 ? 6 : rows > 1 ? 3 : 1;
}

// The size of the blocks when `count` things are divided into as few blocks of at most `most` as possible, evenly.
static inline int64_t recurve_even_block(int64_t count, int64_t most) {
  if (count <= most) return count;
  return recurve_ceiling_quotient(count, recurve_ceiling_quotient(count, most));
}

// Drops axes of extent 1 and merges neighbours that a single axis describes; returns the flattened extent.
RECURVE_OUT_OF_LINE int64_t recurve_merge_axes(recurve_axis *axes, int32_t *count) {
  int64_t total = 1;
  int32_t kept = 0;
  for (int32_t i = 0; i < *count; i++) {
    recurve_axis axis = axes[i];
    total *= axis.extent;
    if (axis.extent == 1) continue;
    recurve_axis *outer = kept > 0 ? &axes[kept - 1] : NULL;
    if (outer && outer->a_stride == axis.a_stride * axis.extent && outer->b_stride == axis.b_stride * axis.extent &&
        outer->result_stride == axis.result_stride * axis.extent) {
      axis.extent *= outer->extent;
      *outer = axis;
    } else {
      axes[kept++] = axis;
    }
  }
  *count = kept;
  return total;
}

RECURVE_OUT_OF_LINE void recurve_exchange_strides(recurve_axis *axes, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    int64_t stride = axes[i].a_stride;
    axes[i].a_stride = axes[i].b_stride;
    axes[i].b_stride = stride;
  }
}

// (A B)^T = B^T A^T, element by element the same chain.
RECURVE_OUT_OF_LINE void recurve_exchange_sides(recurve_contraction_plan *plan) {
  recurve_contraction *c = &plan->axes;
  recurve_exchange_strides(c->batch, c->batch_count);
  recurve_exchange_strides(c->m, c->m_count);
  recurve_exchange_strides(c->n, c->n_count);
  recurve_exchange_strides(c->k, c->k_count);
  for (int32_t i = 0; i < RECURVE_MAX_AXES; i++) {
    recurve_axis axis = c->m[i];
    c->m[i] = c->n[i];
    c->n[i] = axis;
  }
  int32_t count = c->m_count;
  c->m_count = c->n_count;
  c->n_count = count;
  int64_t extent = plan->m;
  plan->m = plan->n;
  plan->n = extent;
  plan->exchanged = 1;
}

RECURVE_OUT_OF_LINE recurve_contraction_plan recurve_plan_contraction(const recurve_contraction *contraction, int64_t workers) {
  recurve_contraction_plan plan = {.axes = *contraction};
  recurve_contraction *c = &plan.axes;
  plan.batch = recurve_merge_axes(c->batch, &c->batch_count);
  plan.m = recurve_merge_axes(c->m, &c->m_count);
  plan.n = recurve_merge_axes(c->n, &c->n_count);
  plan.k = recurve_merge_axes(c->k, &c->k_count);

  // Vectors run along n: a product with few columns is exchanged, and so is one whose result is contiguous along m.
  int m_contiguous = c->m_count > 0 && c->m[c->m_count - 1].result_stride == 1;
  int n_contiguous = c->n_count > 0 && c->n[c->n_count - 1].result_stride == 1;
  int thin = plan.m <= 3 || plan.n <= 3;
  if (thin ? plan.n < plan.m : m_contiguous && !n_contiguous) recurve_exchange_sides(&plan);

  plan.m_panels = recurve_ceiling_quotient(plan.m, RECURVE_PANEL_ROWS);
  plan.n_panels = recurve_ceiling_quotient(plan.n, RECURVE_PANEL_COLUMNS);
  int single_k = c->k_count <= 1;
  // Rows of A that are contiguous along k are read in place, each row being its own stream.
  plan.a_direct = c->m_count <= 1 && single_k && (c->k_count == 0 || c->k[0].a_stride == 1);
  // Where the rows of A lie side by side, many panels are packed together: memory is then read from one end to the other,
  // and panels do not end with cache lines.
  plan.a_group = c->m_count == 1 && c->m[0].a_stride == 1 && !plan.a_direct ? 32 : 1;
  // B is packed unless it lies in panels already, or its panels would be used once or twice only.
  const recurve_axis *columns = c->n_count > 0 ? &c->n[c->n_count - 1] : NULL;
  int64_t b_step = single_k && c->k_count > 0 ? c->k[0].b_stride : 0;
  int in_panels = columns && columns->b_stride == 1 && columns->extent % RECURVE_PANEL_COLUMNS == 0 &&
                  b_step == RECURVE_PANEL_COLUMNS;
  plan.b_direct = single_k && columns && columns->b_stride == 1 &&
                  (in_panels || (c->n_count == 1 && plan.m <= 2 * RECURVE_PANEL_ROWS));
  // What is small or has only a few rows is not worth packing in scratch: it runs from buffers on the stack.
  plan.small = (plan.m <= 3 && !plan.b_direct) || plan.k == 0 || plan.m * plan.n * plan.k <= 4096;

  // A block of B stays in the L2 cache while all rows of A pass. Long sums are cut between chains; the sums so far of a
  // block then stay there too.
  int64_t chains = recurve_ceiling_quotient(plan.k, RECURVE_CHAIN);
  int64_t most = plan.n_panels * RECURVE_PANEL_COLUMNS * plan.k * 4 <= RECURVE_BLOCK_BYTES ? chains : RECURVE_BLOCK_CHAINS;
  plan.k_block = recurve_minimum(plan.k, recurve_even_block(chains, recurve_maximum(most, 1)) * RECURVE_CHAIN);
  int64_t panel_bytes = 4 * RECURVE_PANEL_COLUMNS * recurve_maximum(plan.k_block, 1);
  plan.max_n_panels = recurve_minimum(RECURVE_MAX_BLOCK_PANELS, recurve_maximum(1, RECURVE_BLOCK_BYTES / panel_bytes));
  // Few rows of B in place are a matter of memory: long stretches of each, as hardware prefetches them.
  if (plan.b_direct && !in_panels) plan.max_n_panels = 16;
  plan.max_m_panels = plan.m_panels;
  if (plan.k_block < plan.k)
    plan.max_m_panels = recurve_maximum(
        1, (RECURVE_BLOCK_BYTES / 2) / (4 * RECURVE_PANEL_ROWS * RECURVE_PANEL_COLUMNS * plan.max_n_panels));

  // Splitting the columns makes every worker read all of A, splitting the rows all of B; reading and packing an element
  // costs about as much as twelve multiplications. Take the split whose busiest worker finishes first.
  int64_t column_units = recurve_ceiling_quotient(plan.batch * plan.n_panels, workers);
  int64_t row_units = recurve_ceiling_quotient(plan.batch * plan.m_panels, workers);
  int64_t column_batches = recurve_ceiling_quotient(column_units, recurve_maximum(1, plan.n_panels));
  int64_t row_batches = recurve_ceiling_quotient(row_units, recurve_maximum(1, plan.m_panels));
  int64_t by_columns = column_units * RECURVE_PANEL_COLUMNS * (plan.m_panels * RECURVE_PANEL_ROWS + 12) +
                       column_batches * 12 * plan.m;
  int64_t by_rows = row_units * RECURVE_PANEL_ROWS * (plan.n_panels * RECURVE_PANEL_COLUMNS + 12) +
                    row_batches * 12 * plan.n;
  plan.splits_n = plan.small || by_columns <= by_rows;
  plan.units = plan.splits_n ? plan.n_panels : plan.m_panels;
  return plan;
}

// The next region of the units first ..< end, which are not empty.
RECURVE_OUT_OF_LINE recurve_region recurve_next_region(const recurve_contraction_plan *plan, int64_t first, int64_t end) {
  int64_t batch = first / plan->units, begin = first % plan->units;
  int64_t stop = recurve_minimum(plan->units, begin + end - first);
  if (plan->splits_n) return (recurve_region){batch, 0, plan->m_panels, begin, stop};
  return (recurve_region){batch, begin, stop, 0, plan->n_panels};
}

static inline int64_t recurve_row_count(const recurve_contraction_plan *plan, int64_t panel) {
  return recurve_minimum(RECURVE_PANEL_ROWS, plan->m - panel * RECURVE_PANEL_ROWS);
}

// Whether register tiles can read the rows of a panel where they are.
static inline int recurve_reads_in_place(const recurve_contraction_plan *plan, int64_t panel) {
  int64_t rows = recurve_row_count(plan, panel);
  return plan->a_direct && rows == recurve_rounded_rows(rows);
}

// Where a share's packed panels lie in scratch: B, then the sums of tiles so far, then a chain of a few panels of A unless
// it is read in place. What aligns them lies before A, so that the last byte is one that the share writes, and `byte_count`
// is a multiple of 64.
typedef struct {
  int64_t chains, a, byte_count;
} recurve_scratch_layout;

static inline recurve_scratch_layout recurve_lay_out_scratch(
    const recurve_contraction_plan *plan, int64_t b_bytes, int64_t chain_panels, int64_t a_panels) {
  recurve_scratch_layout layout = {.chains = b_bytes};
  int64_t sums_end = b_bytes + chain_panels * RECURVE_PANEL_ROWS * RECURVE_PANEL_COLUMNS * 4;
  int64_t a_bytes = a_panels * RECURVE_PANEL_ROWS * recurve_minimum(plan->k, RECURVE_CHAIN) * 4;
  layout.byte_count = (sums_end + a_bytes + 63) / 64 * 64;
  layout.a = layout.byte_count - a_bytes;
  return layout;
}

RECURVE_OUT_OF_LINE recurve_scratch_layout recurve_layout_scratch(
    const recurve_contraction_plan *plan, const recurve_share *share) {
  recurve_scratch_layout none = {0, 0, 0};
  int64_t total = plan->batch * plan->units;
  int64_t first = recurve_share_begin(share, total), end = recurve_share_end(share, total);
  if (plan->small || first == end) return none;
  int64_t a_panels = 0, b_panels = 0, chain_panels = 0;
  while (first < end) {
    recurve_region region = recurve_next_region(plan, first, end);
    int64_t m_block = recurve_even_block(region.m_end - region.m_first, plan->max_m_panels);
    int64_t n_block = recurve_even_block(region.n_end - region.n_first, plan->max_n_panels);
    int64_t group = recurve_minimum(plan->a_group, m_block);
    // Of what is read in place, a last panel that no register tile fits is packed on the stack.
    int64_t a = plan->a_direct ? 0 : group;
    int64_t b = plan->b_direct ? region.n_end * RECURVE_PANEL_COLUMNS > plan->n : n_block;
    a_panels = recurve_maximum(a_panels, a);
    b_panels = recurve_maximum(b_panels, b);
    chain_panels = recurve_maximum(chain_panels, n_block * (plan->k_block < plan->k ? m_block : group));
    // Regions of whole batch elements are all alike: go on with the last one.
    int64_t length = plan->splits_n ? region.n_end - region.n_first : region.m_end - region.m_first;
    first += length;
    if (length == plan->units && first + plan->units <= end) first += (end - first) / plan->units * plan->units;
  }
  if (plan->k <= RECURVE_CHAIN) chain_panels = 0;
  return recurve_lay_out_scratch(plan, b_panels * RECURVE_PANEL_COLUMNS * plan->k_block * 4, chain_panels, a_panels);
}

// How many shares are worth while for so many workers: no more than workers if shares would pack what others pack too.
static inline int64_t recurve_contraction_part_count(const recurve_contraction *contraction, int64_t workers) {
  recurve_contraction_plan plan = recurve_plan_contraction(contraction, workers);
  if (plan.batch >= 2 * workers) return plan.batch;
  int repeats = !(plan.splits_n ? plan.a_direct : plan.b_direct);
  return plan.small || repeats ? workers : plan.units / RECURVE_SHARE_PANELS;
}

// The scratch of one worker, enough for any share. Of a single matrix the last share is the longest and has the edge, the
// first is the shortest, which may be cut into larger blocks; of many matrices every share may begin elsewhere.
RECURVE_OUT_OF_LINE int64_t recurve_worker_scratch_byte_count(const recurve_contraction_plan *plan, int64_t count) {
  int64_t bytes = 0, step = plan->batch > 1 ? 1 : recurve_maximum(1, count - 1);
  for (recurve_share share = {.count = count}; share.index < count; share.index += step)
    bytes = recurve_maximum(bytes, recurve_layout_scratch(plan, &share).byte_count);
  return bytes;
}

// The scratch that `workers` workers need together for `count` shares. A share lies at the end of its worker's part, so
// that the last byte is one that a kernel writes. Align it to 64 bytes.
static inline int64_t recurve_contraction_scratch_byte_count(
    const recurve_contraction *contraction, int64_t workers, int64_t count) {
  recurve_contraction_plan plan = recurve_plan_contraction(contraction, workers);
  return workers * recurve_worker_scratch_byte_count(&plan, count);
}

// Whether the product can be computed some rows at a time: one matrix, its rows contiguous along k.
static inline int recurve_goes_by_rows(const recurve_contraction *contraction) {
  recurve_contraction_plan plan = recurve_plan_contraction(contraction, 1);
  return plan.batch == 1 && plan.axes.m_count == 1 && plan.a_direct && !plan.exchanged && !plan.small;
}

// The plan of such a product: all of B is packed before, blocks are as wide as register tiles can be told.
static inline recurve_contraction_plan recurve_plan_rows(const recurve_contraction *contraction) {
  recurve_contraction_plan plan = recurve_plan_contraction(contraction, 1);
  plan.b_direct = 0;
  plan.k_block = plan.k;
  plan.max_n_panels = recurve_even_block(plan.n_panels, RECURVE_MAX_BLOCK_PANELS);
  return plan;
}

// Bytes of all of B, packed.
static inline int64_t recurve_packed_byte_count(const recurve_contraction *contraction) {
  recurve_contraction_plan plan = recurve_plan_rows(contraction);
  return plan.n_panels * RECURVE_PANEL_COLUMNS * plan.k * 4;
}

// Of such a product only the sums so far need scratch.
static inline recurve_scratch_layout recurve_layout_rows_scratch(const recurve_contraction_plan *plan) {
  int64_t chain_panels = plan->k <= RECURVE_CHAIN ? 0 : plan->max_n_panels;
  return recurve_lay_out_scratch(plan, 0, chain_panels, 0);
}

// Bytes of scratch that recurve_contract_rows_f32 needs.
static inline int64_t recurve_rows_scratch_byte_count(const recurve_contraction *contraction) {
  recurve_contraction_plan plan = recurve_plan_rows(contraction);
  return recurve_layout_rows_scratch(&plan).byte_count;
}

// Packs a share of B for recurve_contract_rows_f32.
RECURVE_CONTRACTION_LINKAGE void recurve_pack_f32(
    const recurve_contraction *contraction, const float *b, float *packed, const recurve_share *share);

// Computes panels first ..< end of 12 rows each; otherwise as recurve_contract_f32, with the same bits. What it needs of
// scratch lies before `scratch_end`.
RECURVE_CONTRACTION_LINKAGE void recurve_contract_rows_f32(
    const recurve_contraction *contraction, const float *a, const float *packed_b, const float *accumulator,
    float *result, char *scratch_end, int64_t first_panel, int64_t end_panel);

// Computes matrices first ..< end of a batched product, in the scratch of one worker before `scratch_end`; the same bits
// again.
RECURVE_CONTRACTION_LINKAGE void recurve_contract_batch_f32(
    const recurve_contraction *contraction, const float *a, const float *b, const float *accumulator, float *result,
    char *scratch_end, int64_t first, int64_t end);

// Computes a share; the shares together are the contraction. `accumulator` is NULL or has the layout of `result`, and may
// be `result`. Nothing is synchronised: the caller joins the workers.
RECURVE_CONTRACTION_LINKAGE void recurve_contract_f32(
    const recurve_contraction *contraction, const float *a, const float *b, const float *accumulator, float *result,
    char *scratch, const recurve_share *share);

// The same in f64, in plain loops without scratch; f64 serves gradient checks.
RECURVE_CONTRACTION_LINKAGE void recurve_contract_f64(
    const recurve_contraction *contraction, const double *a, const double *b, const double *accumulator, double *result,
    char *scratch, const recurve_share *share);

#endif
