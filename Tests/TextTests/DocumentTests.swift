import Foundation
import Recurve
import TestSupport
import Testing

/// Texts of files and folders, and the documents that they are.
@Suite struct DocumentTests {
  private func error(_ body: () throws -> some Any) -> String {
    do { _ = try body() } catch { return "\(error)" }
    return ""
  }

  private func write(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  @Test func filesOfAFolderAreDocumentsInTheOrderOfTheirNames() throws {
    try withTemporaryFolder { (folder: String) throws in
      try write("second\n", folder + "/b.txt")
      try write("\u{FEFF}first", folder + "/a.TXT")
      try write("no text", folder + "/notes.md")
      try write("hidden", folder + "/.c.txt")
      try FileManager.default.createDirectory(atPath: folder + "/more", withIntermediateDirectories: false)
      try write("elsewhere", folder + "/more/d.txt")
      for path in [folder, folder + "/"] {
        let text = try TextDocuments(path: path)
        #expect(text.documents == ["first", "second\n"] && text.text == "first\n\nsecond\n")
        #expect(text.file.path == path && text.file.text == text.text)
      }
      let alone = try TextDocuments(path: folder + "/b.txt")
      #expect(alone.documents == ["second\n"] && alone.text == "second\n")
    }
  }

  @Test func filesAreCutWhereTheirDocumentsEnd() throws {
    try withTemporaryFolder { (folder: String) throws in
      let path = folder + "/text.txt"
      try write("\n one\ntwo\r\n\r\n \t\nthree\n---\nfour\n\n", path)
      #expect(try TextDocuments(path: path).documents.count == 1)
      #expect(try TextDocuments(path: path, .blankLines).documents == [" one\ntwo", "three\n---\nfour"])
      #expect(try TextDocuments(path: path, .line("---")).documents == [" one\ntwo\r\n\r\n \t\nthree", "four"])
      try write("\n\nonly\n", path)
      #expect(
        error { try TextDocuments(path: path, .blankLines) }
          == "\(path): needed documents with blank lines between them, found 1")
      #expect(
        error { try TextDocuments(path: path, .line("only")) }
          == "\(path): needed documents with lines 'only' between them, found 0")
    }
  }

  @Test func documentsAreJoinedWhereThatIsAskedFor() throws {
    try withTemporaryFolder { (folder: String) throws in
      try write("one\n\ntwo", folder + "/a.txt")
      try write("three", folder + "/b.txt")
      let joined = try TextDocuments(path: folder, .joined)
      #expect(joined.documents == ["one\n\ntwo\n\nthree"])
      #expect(try TextDocuments(path: folder).text == joined.text)
    }
    let text = TextDocuments(TextFile(text: "at hand", path: "mine"))
    #expect(text.documents == ["at hand"] && text.path == "mine")
  }

  @Test func optionsSayWhereDocumentsEnd() throws {
    typealias Division = TextDocuments.Division
    #expect(try Division(of: ModelOptions()) == .files)
    #expect(try Division(of: ModelOptions(settings: ["documents": "joined"])) == .joined)
    #expect(
      error { try Division(of: ModelOptions(settings: ["documents": "a\nb"])) }
        == "setting documents is 'a\nb', needs files, joined, blank-lines, or the line that stands between two documents"
    )
  }

  @Test func divisionsAreWritten() {
    typealias Division = TextDocuments.Division
    #expect(Division("files") == .files && Division("blank-lines") == .blankLines && Division("--") == .line("--"))
    #expect(Division("") == nil && Division("a\nb") == nil)
  }

  @Test func whatHoldsNoTextIsRefused() throws {
    try withTemporaryFolder { (folder: String) throws in
      let needed = "needed a text, found a folder without files that end in .txt"
      #expect(error { try TextDocuments(path: folder) } == "\(folder): \(needed)")
      try write("", folder + "/a.txt")
      #expect(error { try TextDocuments(path: folder) } == "\(folder)/a.txt: is empty; needs text")
      #expect(error { try TextDocuments(path: folder + "/x") } == "\(folder)/x: needed a text, found no file")
      // Sparse files of 1.5 GiB each, of which nothing is read.
      for name in ["a.txt", "b.txt"] {
        try write("", folder + "/" + name)
        #expect(truncate(folder + "/" + name, 3 << 29) == 0)
      }
      #expect(
        error { try TextDocuments(path: folder) }
          == "\(folder): needed texts, found more than the 2147483647 bytes that are read at most")
    }
  }

  /// The hash of a run's data covers every file.
  @Test func hashesCoverAllFiles() throws {
    try withTemporaryFolder { (folder: String) throws in
      try write("one", folder + "/a.txt")
      try write("two", folder + "/b.txt")
      let before = DataSource(path: folder)
      try write("twO", folder + "/b.txt")
      #expect(before.hasChanged && !before.isSame(as: DataSource(path: folder)))
    }
  }
}
