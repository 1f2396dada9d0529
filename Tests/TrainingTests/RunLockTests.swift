import Foundation
import Recurve
import TestSupport
import Testing

/// What a run that could not start leaves behind, and where a run that goes on may write.
@Suite struct RunLockTests {
  @Test func startsThatFailRemoveOnlyWhatTheyMade() throws {
    try withTemporaryFolder { path in
      let own = RunFolder(path + "/new")
      try RunLock(own).abandon()
      #expect(!FileManager.default.fileExists(atPath: own.path))
      try RunLock(RunFolder(path)).abandon()
      #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty)
      try Data().write(to: URL(fileURLWithPath: RunFolder(path).lock))
      try RunLock(RunFolder(path)).abandon()
      #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["lock"])
      let next = try RunFolder.makeNext(path + "/run")
      try RunLock(next, isNew: true).abandon()
      #expect(!FileManager.default.fileExists(atPath: next.path))
    }
  }

  private static func problem(_ folder: RunFolder) -> String {
    "\(folder.path): this is no longer the folder that was locked, which was moved or removed; "
      + "nothing is written here until it is back"
  }

  @Test func locksStayWithTheirFolder() throws {
    try withTemporaryFolder { path in
      let folder = RunFolder(path + "/run")
      let lock = try RunLock(folder)
      #expect(lock.isHeld)
      try FileManager.default.removeItem(atPath: folder.lock)
      #expect(lock.isHeld, "the folder is the same, and nobody else is in it")
      try FileManager.default.moveItem(atPath: folder.path, toPath: path + "/moved")
      #expect(!lock.isHeld)
      let other = try RunLock(folder)
      #expect(other.isHeld && !lock.isHeld)
      let error = #expect(throws: RunFolderError.self) { try lock.check() }
      #expect(error?.description == Self.problem(folder))
      try FileManager.default.removeItem(atPath: folder.path)
      try FileManager.default.moveItem(atPath: path + "/moved", toPath: folder.path)
      #expect(lock.isHeld && !other.isHeld)
      try lock.check()
    }
  }

  /// Under the name of a folder that was moved another run may have begun.
  @Test func runsThatWereMovedReplaceNothingOfOthers() throws {
    try withTemporaryFolder { path in
      let (folder, moved, other) = (RunFolder(path + "/run"), RunFolder(path + "/moved"), Data("another run's".utf8))
      let lock = try RunLock(folder)
      let session = try TrainingSession(
        TrainingLoopTests.LineTask(), optimizer: .momentum(0.5), seed: 2, CompilerOptions(workerCount: 1))
      let loop = try TrainingLoop(session, TrainingLoopTests.plan, in: folder, lock: lock)
      var said: [String] = []
      func move(after entry: TrainingLog.Entry) throws {
        if entry.step != 6 { return }
        try FileManager.default.moveItem(atPath: folder.path, toPath: moved.path)
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: false)
        try other.write(to: URL(fileURLWithPath: folder.checkpoint))
      }
      let result = Result { try loop.run(say: { said.append($0) }, observe: move) }
      let error = #expect(throws: RunFolderError.self) { try result.get() }
      #expect(error?.description == Self.problem(folder))
      #expect(said == [Self.problem(folder) + "; training goes on"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["checkpoint.safetensors"])
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder.checkpoint)) == other)
      #expect(try TrainingLog.entries(path: moved.log).count == 25)
    }
  }

  /// A name alone could be that of a model, or an option; and shells take words apart.
  @Test(
    arguments: [
      ("/runs/1", "/runs/1"), ("runs/1", "runs/1"), ("tiny-recursion", "./tiny-recursion"), ("-x/1", "./-x/1"),
      ("my runs/it's", "'my runs/it'\\''s'"), ("$(date)", "'./$(date)'"),
    ]) func runsAreContinuedByACommandForShells(_ path: String, _ word: String)
  {
    #expect(RunFolder(path).resumeCommand == "recurve train \(word) --resume")
  }
}
