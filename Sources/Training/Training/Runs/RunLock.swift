import Foundation
import StandardStreams

/// The right to write into a run's folder: held by one process at a time, and gone with it however it ends.
public final class RunLock {
  private let file: Int32
  private let folder: RunFolder
  private let hasMadeFolder: Bool
  private let hasMadeFile: Bool
  /// Where the folder and the lock are, whatever their names lead to later.
  private let (home, place): (Place?, Place?)

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
    (home, place) = (Place(ofFolder: folder.path), Place(ofOpen: file))
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
      if let place = Place(ofFile: folder.lock), place == Place(ofOpen: file) { return (file, made >= 0) }
      // Whoever had it could not start and has taken it away meanwhile.
      close(file)
    }
  }

  /// Whether the folder's name still leads to the folder that was locked: it may have been moved or removed, and another run may
  /// have begun under its name.
  public var isHeld: Bool {
    if let found = Place(ofFile: folder.lock) { return found == place }
    // Who has removed the lock alone has begun no other run.
    return home != nil && Place(ofFolder: folder.path) == home
  }

  /// To be called before a file is written into the folder by its name.
  ///
  /// - Throws: `RunFolderError` where the lock is no longer held.
  public func check() throws {
    if isHeld { return }
    throw RunFolderError(
      path: folder.path,
      problem: "this is no longer the folder that was locked, which was moved or removed; "
        + "nothing is written here until it is back")
  }

  deinit { if file >= 0 { close(file) } }

  /// Leaves nothing of a run that could not start: what was made for it goes, the folder where nothing else is in it.
  public func abandon() {
    if hasMadeFile { unlink(folder.lock) }
    if hasMadeFolder { rmdir(folder.path) }
  }

  /// A file or a folder as the file system knows it.
  private struct Place: Equatable {
    private let (device, number): (dev_t, ino_t)

    /// - Parameter read: fills in what the system says; 0 where it can.
    private init?(_ read: (UnsafeMutablePointer<stat>) -> Int32) {
      var status = stat()
      guard read(&status) == 0 else { return nil }
      (device, number) = (status.st_dev, status.st_ino)
    }

    init?(ofFolder path: String) { self.init { stat(path, $0) } }
    /// A link is a file of its own.
    init?(ofFile path: String) { self.init { lstat(path, $0) } }
    init?(ofOpen file: Int32) { self.init { fstat(file, $0) } }
  }

  /// The number of the process that holds the lock, as it wrote it.
  private static func text(_ file: Int32) -> Int? {
    var bytes = Array(repeating: UInt8(0), count: 20)
    let count = pread(file, &bytes, bytes.count, 0)
    return count > 0 ? Int(String(decoding: bytes.prefix(count), as: UTF8.self)) : nil
  }
}
