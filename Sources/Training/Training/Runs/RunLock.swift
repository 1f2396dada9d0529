import Foundation
import StandardStreams

/// The right to write into a run's folder: held by one process at a time, and gone with it however it ends.
public final class RunLock {
  private let file: Int32
  private let folder: RunFolder
  private let hasMadeFolder: Bool
  private let hasMadeFile: Bool

  /// Makes the folder if needed and takes the lock.
  ///
  /// - Parameter isNew: whether the caller has made the folder for this run.
  /// - Throws: `RunFolderError` when another process has it, or when the folder cannot be made.
  public init(_ folder: RunFolder, isNew: Bool = false) throws {
    self.folder = folder
    hasMadeFolder = isNew || !FileManager.default.fileExists(atPath: folder.path)
    do {
      try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
    } catch { throw RunFolderError(path: folder.path, problem: "cannot be made: \(SystemMessage.text(of: error))") }
    (file, hasMadeFile) = try Self.locked(folder)
    ftruncate(file, 0)
    let text = Array("\(getpid())".utf8)
    pwrite(file, text, text.count, 0)
  }

  /// The file of the folder's lock, locked, and whether it is new.
  private static func locked(_ folder: RunFolder) throws -> (file: Int32, isNew: Bool) {
    let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
    while true {
      let made = open(folder.lock, flags | O_EXCL, 0o644)
      let file = made >= 0 || errno != EEXIST ? made : open(folder.lock, flags, 0o644)
      guard file >= 0 else {
        throw RunFolderError(path: folder.lock, problem: "cannot be opened: \(SystemMessage.text())")
      }
      // File systems that know no locks are trusted to have one user.
      guard flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
        let owner = text(file)
        close(file)
        throw RunFolderError(
          path: folder.path,
          problem: "another process\(owner.map { " (\($0))" } ?? "") trains here; "
            + "wait for its end or choose another --output")
      }
      if isAt(folder.lock, file) { return (file, made >= 0) }
      // Whoever had it could not start and has taken it away meanwhile.
      close(file)
    }
  }

  /// Whether a path still leads to an open file.
  private static func isAt(_ path: String, _ file: Int32) -> Bool {
    var (own, there) = (stat(), stat())
    guard fstat(file, &own) == 0, lstat(path, &there) == 0 else { return false }
    return own.st_ino == there.st_ino && own.st_dev == there.st_dev
  }

  deinit { if file >= 0 { close(file) } }

  /// Leaves nothing of a run that could not start: what was made for it goes, the folder where nothing else is in it.
  public func abandon() {
    if hasMadeFile { unlink(folder.lock) }
    if hasMadeFolder { rmdir(folder.path) }
  }

  /// The number of the process that holds the lock, as it wrote it.
  private static func text(_ file: Int32) -> Int? {
    var bytes = Array(repeating: UInt8(0), count: 20)
    let count = pread(file, &bytes, bytes.count, 0)
    return count > 0 ? Int(String(decoding: bytes.prefix(count), as: UTF8.self)) : nil
  }
}
