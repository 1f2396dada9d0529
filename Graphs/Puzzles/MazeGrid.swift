/// Which cells of a square can be walked on.
struct MazeGrid {
  let side: Int
  /// Row by row.
  let isOpen: [Bool]

  static func neighbours(of cell: Int, side: Int) -> [Int] {
    let (row, column) = cell.quotientAndRemainder(dividingBy: side)
    return [
      row > 0 ? cell - side : nil, column > 0 ? cell - 1 : nil, column < side - 1 ? cell + 1 : nil,
      row < side - 1 ? cell + side : nil,
    ].compactMap { $0 }
  }

  /// Steps to every open cell, -1 for those that cannot be reached, and the cell before each.
  func distances(from start: Int) -> (steps: [Int], from: [Int]) {
    var steps = Array(repeating: -1, count: isOpen.count)
    var from = Array(repeating: start, count: isOpen.count)
    var queue = [start]
    steps[start] = 0
    var position = 0
    while position < queue.count {
      let cell = queue[position]
      position += 1
      for other in Self.neighbours(of: cell, side: side) where isOpen[other] && steps[other] < 0 {
        (steps[other], from[other]) = (steps[cell] + 1, cell)
        queue.append(other)
      }
    }
    return (steps, from)
  }
}
