import Foundation
import Puzzles
import Recurve
import TestSupport
import Testing

/// `recurve solve maze` as a user types it.
@Suite(.enabled(if: KilledRun.isPossible)) struct SolveMazeCommandTests {
  private static func solve(_ arguments: String...) throws -> CommandRun {
    try CommandRun(["solve", "maze"] + arguments)
  }

  /// A model that has hardly learned anything draws no way, and says so.
  @Test func runsDrawTheWayStepByStep() throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      let training = try CommandRun([
        "train", "tiny-recursion", "--preset", "maze", "--batch", "2", "--depth", "1", "--threads", "1", "--steps", "2",
        "--validate-every", "0", "--output", run,
      ])
      #expect(training.status == 0, "\(training.errors)")
      let maze = try MazeStream(side: 9, seed: 3, part: .heldOut)[2]
      let (file, page) = (folder + "/maze.txt", folder + "/maze.html")
      try Data((maze.description + "\n").utf8).write(to: URL(fileURLWithPath: file))
      let found = try Self.solve(file, "--run", run, "--threads", "1", "--steps", "2", "--html", page)
      #expect(found.status == 1, "\(found.output)")
      #expect(found.output.contains(#/^step 1, right with probability \d+\.\d %\n/#), "\(found.output)")
      let solution = Maze.lines(maze.answer, side: 9).joined(separator: "\n")
      #expect(
        found.errors.contains("the model's answer after 2 steps is no way from start to goal; one is\n\(solution)"))
      let html = try String(contentsOfFile: page, encoding: .utf8)
      #expect(html.contains("solves a maze</title>") && html.contains("\"boxRows\":9") && !html.contains("://"))
      let text = maze.description.replacingOccurrences(of: "\n", with: "/").replacingOccurrences(of: " ", with: ".")
      let json = try Self.solve(text, "--run", run, "--threads", "1", "--steps", "1", "--json")
      #expect(json.status == 1 && json.output.contains("\"solved\" : false"), "\(json.output)")
      let small = try Self.solve("S.###/#.#.#/#...#/###.#/###G#", "--run", run)
      #expect(small.status == 64 && small.errors.contains("the puzzle is 5x5, the run was trained on 9x9"))
      try Data("S.###\n#.#.#\n#..x#\n###.#\n###G#\n".utf8).write(to: URL(fileURLWithPath: file))
      let wrong = try Self.solve(file, "--run", run).errors
      #expect(wrong.contains("\(file):3: column 4: cells are '#', ' ' or '.', 'S' and 'G', got 'x'"), "\(wrong)")
    }
  }

  @Test func whatIsNoMazeOrNoRunIsRefused() throws {
    try withTemporaryFolder { folder in
      #expect(
        try Self.solve("S.###/#.#.#/#.", "--run", folder).errors.contains(
          "no file is called so, and as a text: a maze needs 5 to 30 lines, got 3"))
      #expect(
        try Self.solve("S.###/#.#.#/#..x#/###.#/###G#", "--run", folder).errors.contains(
          "line 3, column 4: cells are '#'"))
      let alone = try Self.solve("S")
      #expect(alone.status == 64 && alone.errors.contains("needs --run RUN with a run of the preset maze"))
      let run = folder + "/run"
      #expect(try CommandRun(CommandRun.training(run, steps: 1)).status == 0)
      #expect(
        try Self.solve("S.###/#.#.#/#...#/###.#/###G#", "--run", run).errors.contains(
          "--run got '\(run)', a run of sudoku puzzles, needs one of maze puzzles"))
      #expect(
        try Self.solve("/dev/zero", "--run", run).errors.contains(
          "/dev/zero: needed a text, found what is no regular file"))
    }
  }
}
