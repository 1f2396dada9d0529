import FoundationEssentials
import Testing

@testable import Puzzles

@Suite struct SudokuCSVErrorTests {
  private static let header = "source,question,answer,guesses\n"
  private static let good = "x,1..4.41..14.42.1,1324241331424231,0\n"

  private func message(_ text: String) -> String? {
    do {
      _ = try SudokuCSV.parse(Array(text.utf8), path: "p.csv", limit: nil)
      return nil
    } catch {
      return error.description
    }
  }

  private func messageReading(_ path: String) -> String? {
    do {
      _ = try SudokuCSV.read(path: path)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func noFile() {
    #expect(
      messageReading("/nowhere/p.csv")
        == "/nowhere/p.csv:1: needed a file of puzzles, found no file")
  }

  @Test func directory() {
    #expect(messageReading("/tmp") == "/tmp:1: needed a file of puzzles, found a folder")
  }

  /// Reading a process's own memory from address 0 fails even for root, unlike a file without permissions.
  @Test func unreadable() {
    #expect(
      messageReading("/proc/self/mem")
        == "/proc/self/mem:1: needed a file of puzzles, found a file that cannot be read: input/output error")
  }

  @Test(arguments: [
    ("", "p.csv:1: needed a header and puzzles, got an empty file"),
    ("\n\n", "p.csv:2: needed a header and puzzles, got an empty file"),
    (header, "p.csv:1: needed at least one puzzle after the header, got none"),
    ("source,answer,guesses\n", "p.csv:1: header must name the column question, got source, answer, guesses"),
    ("question,guesses\n", "p.csv:1: header must name the column answer, got question, guesses"),
    ("question,answer\n", "p.csv:1: header must name the column guesses or rating, got question, answer"),
    (good, "p.csv:1: header must name the column question, got x, 1..4.41..14.42.1, 1324241331424231, 0"),
  ])
  func fileAndHeader(text: String, expected: String) {
    #expect(message(text) == expected)
  }

  @Test(arguments: [
    ("x,1..4\n", "row must have 4 fields as the header has, got 2"),
    ("x,1..4,1324,0\n", "question must have 16, 36 or 81 cells, got 4"),
    ("x,1..4.41..14.42.1,132424133142423,0\n", "answer must have 16 cells, got 15"),
    (
      "x,1..4.x1..14.42.1,1324241331424231,0\n",
      "column question must hold digits 1 to 4, '.' or '0', got 'x' at position 6"
    ),
    (
      "x,1..4.51..14.42.1,1324241331424231,0\n",
      "column question must hold digits 1 to 4, '.' or '0', got '5' at position 6"
    ),
    (
      "x,1..4.é..14.42.1,1324241331424231,0\n",
      "column question must hold digits 1 to 4, '.' or '0', got 'é' at position 6"
    ),
    (
      "x,1..4.41..14.42.1,132424133142423.,0\n",
      "column answer must hold digits 1 to 4, got '.' at position 16"
    ),
    (
      "x,1..4.41..14.42.1,1342241331424231,0\n",
      "answer must keep the question, got 2 in row 1, column 4 where the question has 4"
    ),
    (
      "x,1..4.41..14.42.1,1334241331424231,0\n",
      "answer must have each digit once in row 1, got 3 twice"
    ),
    (
      "x,1..4.41..14.42.1,1324241331424231,hard\n",
      "column guesses must be a whole number from 0 to 1000000000, got 'hard'"
    ),
  ])
  func rows(row: String, expected: String) {
    #expect(message(Self.header + Self.good + row) == "p.csv:3: \(expected)")
  }

  @Test func numberNamesItsColumn() {
    #expect(
      message("question,answer,rating\n1..4.41..14.42.1,1324241331424231,-1\n")
        == "p.csv:2: column rating must be a whole number from 0 to 1000000000, got '-1'")
  }
}
