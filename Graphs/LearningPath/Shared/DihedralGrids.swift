import Recurve

/// Which of the eight symmetries of the square turned one 3x3 grid of two colours into another: 18 bits, 8 classes.
///
/// Only grids without any symmetry of their own are used: for the others several maps would be right.
enum DihedralGrids {
  static let side = 3

  /// All pairs that have one answer.
  static let all: Examples = {
    var examples = Examples(inputs: [], labels: [])
    for number in 0..<(1 << (side * side)) {
      let grid = (0..<side * side).map { Float(number >> $0 & 1) }
      let images = (0..<8).map { turned(grid, by: $0) }
      guard Set(images).count == 8 else { continue }
      for (map, image) in images.enumerated() {
        examples.inputs.append(grid + image)
        examples.labels.append(Int32(map))
      }
    }
    return examples
  }()

  /// A quarter turn as often as the number's two low bits say, after a reflection if its third bit is set.
  static func turned(_ grid: [Float], by map: Int) -> [Float] {
    var result = map >= 4 ? read(grid) { row, column in (column, row) } : grid
    for _ in 0..<map % 4 { result = read(result) { row, column in (side - 1 - column, row) } }
    return result
  }

  private static func read(_ grid: [Float], _ source: (Int, Int) -> (Int, Int)) -> [Float] {
    (0..<side * side).map { cell in
      let (row, column) = source(cell / side, cell % side)
      return grid[row * side + column]
    }
  }
}
