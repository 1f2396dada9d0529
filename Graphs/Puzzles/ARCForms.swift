import TensorTypes

extension ARCAugmentation {
  /// The changes that make the forms of a task: first none, then random ones, no two of which make the same of it.
  ///
  /// Tasks of few colours may have fewer than are asked for: as published, five draws for each are all.
  public static func forms(_ count: Int, of task: ARCTask, seed: UInt64) -> [ARCAugmentation] {
    var random = CounterRandom(seed: seed)
    let effects = ARCEffects(on: task)
    var (forms, known) = ([identity], Set([effects[identity]]))
    for _ in 0..<5 * max(count, 0) where forms.count < count {
      let next = ARCAugmentation(using: &random)
      if known.insert(effects[next]).inserted { forms.append(next) }
    }
    return Array(forms.prefix(max(count, 0)))
  }
}

/// What changes make of a task, told by a few numbers each instead of all its cells.
private struct ARCEffects {
  /// For each symmetry the number of the pattern that it leads to, and the task's colours in the order in which they are in it.
  private let turned: [(pattern: UInt8, colors: [UInt8])]

  init(on task: ARCTask) {
    let grids = (task.demonstrations + task.tests).flatMap { [$0.input, $0.output] }
    var patterns: [[ARCGrid]] = []
    turned = (0..<8).map { symmetry in
      let turn = ARCAugmentation(symmetry: symmetry, colors: ARCAugmentation.identity.colors)
      let (pattern, colors) = Self.pattern(of: grids.map(turn.applied))
      let known = patterns.firstIndex(of: pattern)
      if known == nil { patterns.append(pattern) }
      return (UInt8(known ?? patterns.count - 1), colors)
    }
  }

  /// Equal for changes that make the same of the task, and for no others: a pattern and what its colours are called.
  subscript(change: ARCAugmentation) -> [UInt8] {
    let (pattern, colors) = turned[change.symmetry]
    return [pattern] + colors.map { change.colors[Int($0)] }
  }

  /// The grids with colours numbered as they appear, black apart, and the colours in that order.
  private static func pattern(of grids: [ARCGrid]) -> (grids: [ARCGrid], colors: [UInt8]) {
    var colors: [UInt8] = []
    let numbered = grids.map { grid in
      let cells = grid.cells.map { color -> UInt8 in
        if color == 0 { return 0 }
        if !colors.contains(color) { colors.append(color) }
        return UInt8((colors.firstIndex(of: color) ?? 0) + 1)
      }
      return ARCGrid(rows: grid.rows, columns: grid.columns, cells: cells)
    }
    return (numbered, colors)
  }
}
