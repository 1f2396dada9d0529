import TensorTypes

/// An endless sequence of generated mazes, each a pure function of seed and number.
///
/// Open cells form a tree: a random walk opens cells that have one open neighbour, goes back where none is left, and goes on
/// (recursive backtracking). So there is one way between any two cells. Every length of path appears equally often, in
/// turn. Which mazes are held out is said by `MazeSplit.generated`.
public struct MazeStream: Sendable {
  public let side: Int
  /// Steps from start to goal.
  public let lengths: ClosedRange<Int>
  public let part: SudokuStream.Part
  private let seed: UInt64

  /// - Parameter lengths: nil for half a side to two sides.
  /// - Throws: for sides and lengths that mazes do not have.
  public init(
    side: Int, seed: UInt64, lengths: ClosedRange<Int>? = nil, part: SudokuStream.Part
  ) throws(MazeStreamError) {
    guard Maze.sides.contains(side) else { throw .side(side) }
    let lengths = lengths ?? side / 2...2 * side
    let possible = Self.possibleLengths(side: side)
    guard possible.contains(lengths.lowerBound), possible.contains(lengths.upperBound) else {
      throw .lengths(lengths, side)
    }
    (self.side, self.seed, self.lengths, self.part) = (side, seed, lengths, part)
  }

  /// The lengths that can be asked for: about half of the mazes of each side have a path as long as the longest of these.
  public static func possibleLengths(side: Int) -> ClosedRange<Int> { 2...side * side * 3 / 10 + 3 }

  /// The maze of a number, from 0.
  public subscript(number: Int) -> Maze {
    precondition(number >= 0, "the number of a maze must not be negative, got \(number)")
    let length = lengths.lowerBound + number % lengths.count
    var random = CounterRandom(seed: seed, stream: 2 * UInt64(number) + (part == .heldOut ? 1 : 0))
    while true {
      let isOpen = carved(&random)
      guard MazeSplit.generated.isHeldOut(isOpen, side: side) == (part == .heldOut) else { continue }
      if let maze = maze(isOpen, length, &random) { return maze }
    }
  }

  // MARK: Carving

  private func neighbours(of cell: Int) -> [Int] { MazeGrid.neighbours(of: cell, side: side) }

  private func carved(_ random: inout CounterRandom) -> [Bool] {
    var isOpen = Array(repeating: false, count: side * side)
    var trail = [random.index(below: side * side)]
    isOpen[trail[0]] = true
    while let cell = trail.last {
      let next = neighbours(of: cell).filter { other in
        !isOpen[other] && neighbours(of: other).count { isOpen[$0] } == 1
      }
      if next.isEmpty {
        trail.removeLast()
      } else {
        trail.append(next[random.index(below: next.count)])
        isOpen[trail[trail.count - 1]] = true
      }
    }
    return isOpen
  }

  /// The maze with a start and a goal so far apart; nil where no try finds them.
  private func maze(_ isOpen: [Bool], _ length: Int, _ random: inout CounterRandom) -> Maze? {
    let grid = MazeGrid(side: side, isOpen: isOpen)
    for start in random.shuffled(isOpen.indices.filter { isOpen[$0] }) {
      let (distances, from) = grid.distances(from: start)
      let goals = distances.indices.filter { distances[$0] == length }
      if goals.isEmpty { continue }
      let goal = goals[random.index(below: goals.count)]
      var question = isOpen.map { $0 ? Maze.Cell.open : .wall }
      (question[start], question[goal]) = (.start, .goal)
      var answer = question
      var cell = from[goal]
      while cell != start {
        answer[cell] = .path
        cell = from[cell]
      }
      return Maze(unchecked: side, question: question, answer: answer)
    }
    return nil
  }
}

/// What mazes do not have.
public enum MazeStreamError: Error, Hashable, Sendable, CustomStringConvertible {
  case side(Int)
  case lengths(ClosedRange<Int>, Int)

  public var description: String {
    switch self {
    case .side(let side): "the side of a maze must be 5 to 30, got \(side)"
    case .lengths(let lengths, let side):
      "paths of \(side)x\(side) mazes must be of 2 to \(MazeStream.possibleLengths(side: side).upperBound) steps, "
        + "got \(lengths.lowerBound) to \(lengths.upperBound)"
    }
  }
}
