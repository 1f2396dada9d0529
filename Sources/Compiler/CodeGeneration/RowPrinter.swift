import KernelIR
import TensorTypes

/// Writes work on rows as C functions.
enum RowPrinter {
  static func source(_ work: RowWork, name: String) -> String {
    let body =
      switch work {
      case .add(let rows): added(rows)
      case .replace(let rows): replaced(rows)
      case .order(let rows): rows.keepsAll ? ordered(rows, work.scratchByteCount) : chosen(rows)
      case .recur(let rows): recurrent(rows)
      }
    let head = "void \(name)(char *const *buffers, char *scratch, const recurve_share *share) {"
    return head + (work.scratchByteCount == 0 ? "\n  (void)scratch;\n" : "\n") + body + "}\n"
  }

  /// Columns in parallel, updates in order.
  private static func added(_ rows: AddedRows) -> String {
    let (width, type) = (rows.width, rows.elementType.cType)
    return """
        \(type) *table = (\(type) *)buffers[0];
        const int32_t *rows = (const int32_t *)buffers[1];
        const \(type) *updates = (const \(type) *)buffers[2];
        const int64_t begin = recurve_share_begin(share, \(width)), end = recurve_share_end(share, \(width));
        for (int64_t update = 0; update < \(rows.updateCount); update++) {
          \(type) *row = table + recurve_clamp(rows[update], \(rows.rowCount)) * \(width);
          RECURVE_VECTORIZE
          for (int64_t column = begin; column < end; column++) row[column] \(rows.isReplacing ? "=" : "+=") updates[update * \(width) + column];
        }

      """
  }

  private static func replaced(_ rows: ReplacedRows) -> String {
    let (type, block) = (rows.elementType.cType, rows.length * rows.width)
    let total = rows.outerCount * block
    return """
        \(type) *whole = (\(type) *)buffers[0];
        const \(type) *rows = (const \(type) *)buffers[1];
        const int64_t first = recurve_clamp(*(const int32_t *)buffers[2], \(rows.rowCount - rows.length + 1)) * \(rows.width);
        const int64_t begin = recurve_share_begin(share, \(total)), end = recurve_share_end(share, \(total));
        for (int64_t outer = begin / \(max(block, 1)); outer * \(block) < end; outer++) {
          const int64_t here = outer * \(block), from = here > begin ? here : begin;
          const int64_t to = here + \(block) < end ? here + \(block) : end;
          \(type) *target = whole + outer * \(rows.rowCount * rows.width) + first;
          for (int64_t place = from; place < to; place++) target[place - here] = rows[place];
        }

      """
  }

  /// A merge sort from runs of one element on, which keeps equal elements in order. The last merge ends in the result.
  private static func ordered(_ rows: OrderedRows, _ scratchByteCount: Int) -> String {
    let (count, type) = (rows.count, rows.elementType.cType)
    // Whether the right element comes before the left one.
    let comes = rows.isDescending ? "RECURVE_LESS(row[l], row[r])" : "RECURVE_LESS(row[r], row[l])"
    let merges = count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
    return """
        #define RECURVE_LESS(x, y) ((x) < (y) || ((y) != (y) && (x) == (x)))
        int32_t *spare = (int32_t *)(scratch + share->worker * \(scratchByteCount));
        const int64_t begin = recurve_share_begin(share, \(rows.rowCount)), end = recurve_share_end(share, \(rows.rowCount));
        for (int64_t number = begin; number < end; number++) {
          const \(type) *row = (const \(type) *)buffers[1] + number * \(count);
          int32_t *result = (int32_t *)buffers[0] + number * \(count);
          int32_t *from = \(merges % 2 == 0 ? "result" : "spare"), *to = \(merges % 2 == 0 ? "spare" : "result");
          for (int64_t place = 0; place < \(count); place++) from[place] = (int32_t)place;
          for (int64_t run = 1; run < \(count); run *= 2) {
            for (int64_t start = 0; start < \(count); start += 2 * run) {
              int64_t left = start, middle = recurve_minimum(start + run, \(count)), right = middle;
              const int64_t last = recurve_minimum(start + 2 * run, \(count));
              for (int64_t place = start; place < last; place++) {
                int takes = left >= middle;
                if (!takes && right < last) {
                  const int32_t l = from[left], r = from[right];
                  takes = \(comes);
                }
                to[place] = takes ? from[right++] : from[left++];
              }
            }
            int32_t *merged = to; to = from; from = merged;
          }
        }
        #undef RECURVE_LESS

      """
  }

  /// The positions that come first are a heap with the last of them on top, which gives way to every one that comes before it.
  /// In the end the top goes to the place behind the others, one after another.
  private static func chosen(_ rows: OrderedRows) -> String {
    let (count, kept, type) = (rows.count, rows.kept, rows.elementType.cType)
    let pairs = ["row[a], row[b]", "row[b], row[a]"]
    let (later, earlier) = rows.isDescending ? (pairs[0], pairs[1]) : (pairs[1], pairs[0])
    return """
        #define RECURVE_LESS(x, y) ((x) < (y) || ((y) != (y) && (x) == (x)))
        #define RECURVE_AFTER(a, b) (RECURVE_LESS(\(later)) || (!RECURVE_LESS(\(earlier)) && (a) > (b)))
        const int64_t begin = recurve_share_begin(share, \(rows.rowCount)), end = recurve_share_end(share, \(rows.rowCount));
        for (int64_t number = begin; number < end; number++) {
          const \(type) *row = (const \(type) *)buffers[1] + number * \(count);
          int32_t *heap = (int32_t *)buffers[0] + number * \(kept);
          for (int32_t place = 0; place < \(kept); place++) {
            int64_t hole = place;
            for (; hole > 0 && RECURVE_AFTER(place, heap[(hole - 1) / 2]); hole = (hole - 1) / 2) {
              heap[hole] = heap[(hole - 1) / 2];
            }
            heap[hole] = place;
          }
          for (int64_t turn = \(kept); turn < \(count + kept - 1); turn++) {
            const int chooses = turn < \(count);
            const int64_t size = chooses ? \(kept) : \(count + kept - 1) - turn;
            const int32_t moved = chooses ? (int32_t)turn : heap[size];
            if (chooses && !RECURVE_AFTER(heap[0], moved)) continue;
            if (!chooses) heap[size] = heap[0];
            int64_t hole = 0;
            for (int64_t child = 1; child < size; child = 2 * hole + 1) {
              if (child + 1 < size && RECURVE_AFTER(heap[child + 1], heap[child])) child++;
              if (!RECURVE_AFTER(heap[child], moved)) break;
              heap[hole] = heap[child];
              hole = child;
            }
            heap[hole] = moved;
          }
        }
        #undef RECURVE_AFTER
        #undef RECURVE_LESS

      """
  }

  /// Columns in parallel, rows in order.
  private static func recurrent(_ rows: RecurrentRows) -> String {
    let (width, type) = (rows.width, rows.elementType.cType)
    let columns = rows.outerCount * width
    let names = [rows.hasFactor ? "a" : nil, rows.hasTerm ? "b" : nil].compactMap { $0 }
    let operands = names.enumerated().map { index, name in
      "  const \(type) *\(name) = (const \(type) *)buffers[\(index + 1)] + outer * \(rows.count * width);"
    }
    let (first, step) = rows.isReversed ? ("\(rows.count - 1)", "-1") : ("0", "1")
    let identity = rows.hasTerm ? rows.elementType.literal(rows.elementType.isFloatingPoint ? -0.0 : 0) : "1"
    let start = rows.isExclusive ? identity : "\(names.last ?? "b")[here + column]"
    return """
        \(type) *result = (\(type) *)buffers[0];
        const int64_t begin = recurve_share_begin(share, \(columns)), end = recurve_share_end(share, \(columns));
        for (int64_t outer = begin / \(max(width, 1)); outer * \(width) < end; outer++) {
        \(operands.joined(separator: "\n  "))
          \(type) *y = result + outer * \(rows.count * width);
          const int64_t from = begin > outer * \(width) ? begin - outer * \(width) : 0;
          const int64_t to = end < (outer + 1) * \(width) ? end - outer * \(width) : \(width);
          int64_t here = (int64_t)\(first) * \(width);
          for (int64_t column = from; column < to; column++) y[here + column] = \(start);
          for (int64_t row = 1; row < \(rows.count); row++) {
            const int64_t before = here;
            here += (int64_t)\(step) * \(width);
            RECURVE_VECTORIZE
            for (int64_t column = from; column < to; column++) y[here + column] = \(next(rows));
          }
        }

      """
  }

  private static func next(_ rows: RecurrentRows) -> String {
    let (type, at) = (rows.elementType, rows.isExclusive ? "before" : "here")
    func call(_ function: ScalarFunction, _ x: String, _ y: String) -> String { function.text([x, y], type) }
    let before = "y[before + column]"
    let product = rows.hasFactor ? call(.multiply, "a[\(at) + column]", before) : before
    return rows.hasTerm ? call(.add, product, "b[\(at) + column]") : product
  }
}
