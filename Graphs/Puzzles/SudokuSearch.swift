import TensorTypes

/// A board being solved: singles first, then a guess in the cell with the fewest candidates.
///
/// Digit sets are bit masks, bit `digit - 1`. Nothing is copied at a guess: the trail lists the cells filled
/// so far, and a guess is undone from it. The recursion is at most one level a cell.
struct SudokuSearch {
  /// The reasoning allowed before a guess.
  enum Technique {
    /// A cell that has one candidate.
    case nakedSingles
    /// Also a digit that has one place in a row, column or box.
    case allSingles
  }

  private(set) var cells: [UInt8]
  private(set) var guessCount = 0
  /// The first one, or as many as were counted.
  private(set) var solutions: [[UInt8]] = []
  /// Whether solutions after the first are kept, too.
  var keepsAll = false
  /// Guesses after which the search ends, with what it has found.
  var guessLimit = Int.max
  /// Whether it ended so.
  private(set) var isGivenUp = false
  /// Chooses the value to try; without it the smallest comes first.
  var random: CounterRandom?

  private let layout: SudokuLayout
  private let technique: Technique
  private let allDigits: UInt16
  private var usedInUnit: [UInt16]
  private var trail: [Int] = []

  /// Nil if the cells do not fit the size or two equal digits share a unit: then there is no solution.
  init?(_ cells: [UInt8], size: SudokuSize, technique: Technique = .allSingles) {
    guard cells.count == size.cellCount, cells.allSatisfy({ $0 <= size.side }) else { return nil }
    layout = SudokuLayout.of(size)
    self.technique = technique
    self.cells = Array(repeating: 0, count: cells.count)
    allDigits = (1 << UInt16(size.side)) - 1
    usedInUnit = Array(repeating: 0, count: layout.unitCount)
    trail.reserveCapacity(cells.count)
    for cell in cells.indices where cells[cell] != 0 {
      let bit = UInt16(1) << (cells[cell] - 1)
      guard candidates(of: cell) & bit != 0 else { return nil }
      place(bit, in: cell)
    }
  }

  var isSolved: Bool { trail.count == cells.count }

  var firstSolution: [UInt8]? { solutions.first }

  /// Counts solutions up to a limit and keeps the first.
  mutating func countSolutions(atMost limit: Int) -> Int {
    guard limit > 0, fillSingles() else { return 0 }
    guard let cell = mostConstrainedBlank() else {
      if solutions.isEmpty || keepsAll { solutions.append(cells) }
      return 1
    }
    var remaining = candidates(of: cell)
    var found = 0
    while remaining != 0, found < limit {
      isGivenUp = isGivenUp || guessCount >= guessLimit
      if isGivenUp { break }
      let mark = trail.count
      place(takeBit(from: &remaining), in: cell)
      guessCount += 1
      found += countSolutions(atMost: limit - found)
      undo(to: mark)
    }
    return found
  }

  /// Fills cells by the technique until nothing follows; false if some cell or digit is left without a place.
  mutating func fillSingles() -> Bool {
    while true {
      let mark = trail.count
      guard fillNakedSingles() else { return false }
      if technique == .allSingles {
        guard fillHiddenSingles() else { return false }
      }
      if trail.count == mark { return true }
    }
  }

  private mutating func fillNakedSingles() -> Bool {
    for cell in cells.indices where cells[cell] == 0 {
      let mask = candidates(of: cell)
      if mask == 0 { return false }
      if mask & (mask - 1) == 0 { place(mask, in: cell) }
    }
    return true
  }

  private mutating func fillHiddenSingles() -> Bool {
    for unit in usedInUnit.indices where usedInUnit[unit] != allDigits {
      var once: UInt16 = 0
      var twice: UInt16 = 0
      for cell in layout.cells(of: unit) where cells[cell] == 0 {
        let mask = candidates(of: cell)
        twice |= once & mask
        once |= mask
      }
      guard once | usedInUnit[unit] == allDigits else { return false }
      guard fill(once & ~twice, inUnit: unit) else { return false }
    }
    return true
  }

  /// Places each digit of the mask in the one blank of the unit that takes it.
  private mutating func fill(_ digits: UInt16, inUnit unit: Int) -> Bool {
    var remaining = digits
    while remaining != 0 {
      let bit = remaining & (~remaining + 1)
      remaining ^= bit
      // None is left if the previous digit of the mask took the same cell.
      let places = layout.cells(of: unit)
      guard let cell = places.first(where: { cells[$0] == 0 && candidates(of: $0) & bit != 0 })
      else { return false }
      place(bit, in: cell)
    }
    return true
  }

  private func mostConstrainedBlank() -> Int? {
    var best: Int?
    var bestCount = Int.max
    for cell in cells.indices where cells[cell] == 0 {
      let count = candidates(of: cell).nonzeroBitCount
      if count < bestCount { (best, bestCount) = (cell, count) }
      if count == 2 { break }
    }
    return best
  }

  private func candidates(of cell: Int) -> UInt16 {
    let units = layout.unitsOfCell
    let used =
      usedInUnit[units[3 * cell]] | usedInUnit[units[3 * cell + 1]] | usedInUnit[units[3 * cell + 2]]
    return allDigits & ~used
  }

  private mutating func takeBit(from mask: inout UInt16) -> UInt16 {
    let skipped = random?.index(below: mask.nonzeroBitCount) ?? 0
    var rest = mask
    for _ in 0..<skipped { rest &= rest - 1 }
    let bit = rest & (~rest + 1)
    mask ^= bit
    return bit
  }

  private mutating func place(_ bit: UInt16, in cell: Int) {
    cells[cell] = UInt8(bit.trailingZeroBitCount + 1)
    for unit in layout.units(of: cell) { usedInUnit[unit] |= bit }
    trail.append(cell)
  }

  private mutating func undo(to mark: Int) {
    while trail.count > mark {
      let cell = trail.removeLast()
      let bit = UInt16(1) << (cells[cell] - 1)
      for unit in layout.units(of: cell) { usedInUnit[unit] ^= bit }
      cells[cell] = 0
    }
  }
}
