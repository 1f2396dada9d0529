import Files
import Foundation
import StandardStreams

/// The folder of a training run: what it is, its checkpoints, its log, its curves.
public struct RunFolder: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  /// The newest checkpoint; always replaced as a whole.
  public var checkpoint: String { path + "/checkpoint.safetensors" }
  /// The checkpoint before, kept until a step has shown that training goes on from the newest one.
  public var previousCheckpoint: String { path + "/checkpoint.previous.safetensors" }
  public var log: String { path + "/log.jsonl" }
  /// What the run is.
  public var record: String { path + "/run.json" }
  /// Locked by the process that trains here.
  public var lock: String { path + "/lock" }
  public var holdsCheckpoint: Bool { FileManager.default.fileExists(atPath: checkpoint) }
  public var holdsRecord: Bool { FileManager.default.fileExists(atPath: record) }
  /// Whether there is anything that a new run would overwrite.
  public var holdsRun: Bool { holdsCheckpoint || holdsLog }

  /// A log without an entry, of a run that could write nothing, is none.
  private var holdsLog: Bool { (Self.byteCount(of: log) ?? 0) > 0 }

  /// Bytes of the newest checkpoint; nil where there is none.
  public var checkpointByteCount: Int? { Self.byteCount(of: checkpoint) }

  /// Of the file that a path leads to, through links.
  private static func byteCount(of path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// Whether a file is the record, the log or a checkpoint of a run, however its path is written.
  public static func isPart(_ path: String) -> Bool {
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let folder = RunFolder(url.deletingLastPathComponent().path)
    let name = url.lastPathComponent
    let isNamed = ["run.json", "log.jsonl"].contains(name) || name.wholeMatch(of: /checkpoint.*\.safetensors/) != nil
    return isNamed && folder.holdsRecord
  }

  /// Whether both are one folder, however it is written.
  public func isSame(as other: RunFolder) -> Bool {
    func place(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }
    return place(path) == place(other.path)
  }

  /// What continues the run, as a shell takes it. A name alone could be that of a model, which comes first, or an option.
  public var resumeCommand: String {
    let isName = !path.contains("/") || path.hasPrefix("-")
    return "recurve train \(Quoting.shell(isName ? "./" + path : path)) --resume"
  }

  /// Numbered checkpoints, oldest first.
  public var numberedCheckpoints: [String] {
    names.filter { $0.wholeMatch(of: /checkpoint-\d{9,}\.safetensors/) != nil }.map { path + "/" + $0 }
      .sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
  }

  private func numberedCheckpoint(_ step: Int) -> String {
    let digits = "\(step)"
    return "\(path)/checkpoint-" + String(repeating: "0", count: max(9 - digits.count, 0)) + digits + ".safetensors"
  }

  private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

  /// Gives the newest checkpoint a second name with its step, and removes the oldest so named beyond the count. Those of later
  /// steps, which a run that went back has left behind, are not counted and stay.
  ///
  /// The second name is a link, where the file system knows links: no bytes are written again. One checkpoint needs no second
  /// name.
  ///
  /// - Throws: `RunFolderError` when the file system refuses.
  public func keep(_ count: Int, step: Int) throws {
    if count <= 1 { return }
    let name = numberedCheckpoint(step)
    try nameAgain(name)
    let own = numberedCheckpoints.prefix { ($0.utf8.count, $0) <= (name.utf8.count, name) }
    for old in own.dropLast(count) { unlink(old) }
  }

  /// Gives the newest checkpoint, if there is one, a second name under which it outlives its replacement.
  ///
  /// - Throws: `RunFolderError` when the file system refuses.
  func keepPrevious() throws {
    unlink(previousCheckpoint)
    if holdsCheckpoint { try nameAgain(previousCheckpoint) }
  }

  /// Where the newest checkpoint is, through links.
  private var checkpointFile: URL { URL(fileURLWithPath: checkpoint).resolvingSymlinksInPath() }

  /// Names the file itself: where the checkpoint is a link, it leads to another file after the next one is written.
  private func nameAgain(_ name: String) throws {
    unlink(name)
    if Self.makesLinks && linkat(AT_FDCWD, checkpoint, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0 { return }
    let problem = SystemMessage.text()
    do { try OutputFile.write(Data(contentsOf: checkpointFile, options: .mappedIfSafe), to: name) } catch {
      throw RunFolderError(path: name, problem: "the checkpoint cannot be kept: \(problem)")
    }
  }

  /// Tests turn it off, for file systems without links.
  @TaskLocal static var makesLinks: Bool = true

  /// Drops the checkpoint before: the newest one has proved good.
  func removePrevious() { unlink(previousCheckpoint) }

  /// Puts the checkpoint before in place of the newest one, which the given step wrote.
  ///
  /// - Returns: whether there was one.
  func restorePrevious(insteadOf step: Int) -> Bool {
    // A link stays one, where both are in one file system.
    guard rename(previousCheckpoint, checkpointFile.path) == 0 || rename(previousCheckpoint, checkpoint) == 0 else {
      return false
    }
    unlink(numberedCheckpoint(step))
    return true
  }

  /// Removes what a killed process left half written.
  public func removePartialFiles() {
    let copies = names.compactMap { $0.wholeMatch(of: /(checkpoint-\d{9,}\.safetensors)\..*/)?.output.1 }
    for path in [checkpoint, previousCheckpoint, log, record] + Set(copies).map({ "\(path)/\($0)" }) {
      OutputFile.removePartialFiles(of: path)
    }
  }

  // MARK: Folders with numbers

  /// Makes the next folder of the form `prefix-N`; of two processes that ask at once, each gets one of its own.
  ///
  /// - Throws: `RunFolderError` when the file system refuses.
  public static func makeNext(_ prefix: String) throws -> RunFolder {
    for number in 1... {
      let path = "\(prefix)-\(number)"
      if mkdir(path, 0o777) == 0 { return RunFolder(path) }
      if errno != EEXIST {
        throw RunFolderError(path: path, problem: "cannot be made: \(SystemMessage.text())")
      }
    }
    return RunFolder(prefix)
  }

  /// The folder of the form `prefix-N` with the largest number that holds a run; nil where there is none.
  public static func last(_ prefix: String) -> RunFolder? {
    let url = URL(fileURLWithPath: prefix)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path)) ?? []
    let start = url.lastPathComponent + "-"
    let numbers = names.filter { $0.hasPrefix(start) }.compactMap { Int($0.dropFirst(start.count)) }.sorted()
    return numbers.reversed().map { RunFolder("\(prefix)-\($0)") }
      .first { $0.holdsRun || $0.holdsRecord }
  }
}

/// What keeps a folder, or a second name of a checkpoint, from being used.
public struct RunFolderError: Error, Hashable, CustomStringConvertible {
  public var path: String
  public var problem: String

  public var description: String { "\(path): \(problem)" }
}
