import Foundation

/// The folder of a training run: its checkpoints, its log, its curves.
public struct RunFolder: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  /// The newest checkpoint; always replaced as a whole.
  public var checkpoint: String { path + "/checkpoint.safetensors" }
  public var log: String { path + "/log.jsonl" }
  public var holdsCheckpoint: Bool { FileManager.default.fileExists(atPath: checkpoint) }
  /// Whether there is anything that a new run would overwrite.
  public var holdsRun: Bool { holdsCheckpoint || FileManager.default.fileExists(atPath: log) }

  /// Numbered checkpoints, oldest first.
  public var numberedCheckpoints: [String] {
    names.filter { $0.hasPrefix("checkpoint-") && $0.hasSuffix(".safetensors") }.sorted().map { path + "/" + $0 }
  }

  private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

  /// Gives the newest checkpoint a second name with its step, and removes the oldest so named beyond the count.
  ///
  /// The second name is a link: no bytes are written again. One checkpoint needs no second name.
  ///
  /// - Throws: `RunFolderError` when the file system refuses.
  public func keep(_ count: Int, step: Int) throws {
    if count <= 1 { return }
    let name = String(format: "%@/checkpoint-%09d.safetensors", path, step)
    unlink(name)
    guard link(checkpoint, name) == 0 else {
      throw RunFolderError(path: name, problem: String(cString: strerror(errno)).lowercased())
    }
    for old in numberedCheckpoints.dropLast(count) { unlink(old) }
  }

  /// Removes what a killed process left half written.
  public func removePartialFiles() {
    for name in names where name.hasSuffix(".part") { unlink(path + "/" + name) }
  }
}

/// Why a checkpoint could not be kept under its number.
public struct RunFolderError: Error, Hashable, CustomStringConvertible {
  public var path: String
  public var problem: String

  public var description: String { "\(path): the checkpoint cannot be kept: \(problem)" }
}
