import Foundation
import TestSupport
import Testing
import Training

/// What a run that could not start leaves behind.
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
}
