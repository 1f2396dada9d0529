import Foundation
import StandardStreams
import Synchronization

/// A folder whose files are run as code: used only where nobody else can have put a file into it.
enum CacheFolder {
  /// Why the folder cannot be trusted; nil where it can be, or is not there yet.
  ///
  /// It must belong to the user or to the administrator, who can do everything anyway, and nobody else may write to it.
  static func refusal(_ path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else {
      return errno == ENOENT ? nil : SystemMessage.text()
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { return "it is not a folder" }
    return refusal(status)
  }

  /// The same for whatever is known of a file or folder.
  static func refusal(_ status: stat) -> String? {
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      return "it belongs to user \(status.st_uid), needs to belong to user \(geteuid())"
    }
    let mode = String(status.st_mode & 0o7777, radix: 8)
    return status.st_mode & 0o022 == 0 ? nil : "others may write to it (mode \(mode)), needs mode 700 or 755"
  }

  /// Makes the folder, open to nobody else; the folders around it as usual.
  ///
  /// - Throws: `CompilationError.unwritableCache`.
  static func create(_ path: String) throws {
    let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try? FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    if mkdir(path, 0o700) != 0 && errno != EEXIST {
      throw CompilationError.unwritableCache(path, SystemMessage.text())
    }
    if let refusal = refusal(path) { throw CompilationError.unwritableCache(path, refusal) }
    guard access(path, W_OK) == 0 else {
      throw CompilationError.unwritableCache(path, SystemMessage.text())
    }
  }

  // MARK: The folder of one process

  private static let own = Mutex<String?>(nil)

  /// A folder of this process alone, removed when it exits. The reason is said once.
  ///
  /// - Throws: `CompilationError.unwritableCache` when not even that can be made.
  static func ofThisProcess(because reason: String) throws -> String {
    try own.withLock { folder in
      if let folder { return folder }
      StandardStreams.say("\(reason); kernels are compiled into a private folder, for this run only")
      let made = try makePrivate()
      folder = made
      atexit { CacheFolder.removeOwn() }
      return made
    }
  }

  private static func makePrivate() throws -> String {
    let pattern = FileManager.default.temporaryDirectory.path + "/recurve-kernels-XXXXXX"
    var characters = Array(pattern.utf8CString)
    guard mkdtemp(&characters) != nil else {
      throw CompilationError.unwritableCache(pattern, SystemMessage.text())
    }
    return String(decoding: characters.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func removeOwn() {
    if let folder = own.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: folder) }
  }
}
