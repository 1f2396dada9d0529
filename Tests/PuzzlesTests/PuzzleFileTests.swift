import Foundation
import Puzzles
import TestSupport
import Testing

/// A device may never end, a folder has no text.
@Suite struct PuzzleFileTests {
  private func puzzles(_ path: String) -> String? {
    #expect(throws: PuzzleFileError.self) { try SudokuCSV.read(path: path) }?.description
  }

  private func mazes(_ path: String) -> String? {
    #expect(throws: PuzzleFileError.self) { try MazeFile.mazes(path: path) }?.description
  }

  private func task(_ path: String) -> String? {
    #expect(throws: ARCTaskError.self) { try ARCTask.read(path: path) }?.description
  }

  @Test func onlyRegularFilesAreRead() throws {
    try withTemporaryFolder { folder in
      let (pipe, link) = (folder + "/pipe.json", folder + "/link.json")
      #expect(mkfifo(pipe, 0o600) == 0)
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/zero")
      for path in ["/dev/zero", pipe, link] {
        #expect(puzzles(path) == "\(path):1: needed a file of puzzles, found what is no regular file")
        #expect(mazes(path) == puzzles(path))
        #expect(task(path) == "\(path): needed the file of a task, found what is no regular file")
      }
      #expect(puzzles(folder) == "\(folder):1: needed a file of puzzles, found a folder")
      #expect(task(folder) == "\(folder): needed the file of a task, found a folder")
      #expect(mazes(folder) == puzzles(folder) && mazes(folder + "/x") == puzzles(folder + "/x"))
      #expect(puzzles(folder + "/x") == "\(folder)/x:1: needed a file of puzzles, found no file")
      #expect(task(folder + "/x") == "\(folder)/x: needed the file of a task, found no file")
      let file = folder + "/real.csv"
      try Data("question,answer,guesses\n1..4.41..14.42.1,1324241331424231,0\n".utf8).write(
        to: URL(fileURLWithPath: file))
      let good = folder + "/good.csv"
      try FileManager.default.createSymbolicLink(atPath: good, withDestinationPath: file)
      #expect(try SudokuCSV.read(path: good).count == 1, "a link to a file is one")
    }
  }
}
