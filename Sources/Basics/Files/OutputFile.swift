import Foundation
import StandardStreams

/// Writes whole files so that even a sudden end of the machine leaves the old content or the new one.
///
/// A regular file is replaced at once; a link leads to the file that is replaced; a device, a pipe, or what is open already
/// in a process is written where it is.
public enum OutputFile {
  /// - Throws: `OutputFileError` when the path cannot be written.
  public static func write(_ data: Data, to path: String) throws {
    guard let kind = kind(of: path, followsLinks: false) else { return try replace(path, with: data) }
    switch kind {
    case S_IFREG: try replace(path, with: data)
    case S_IFDIR: throw OutputFileError(path: path, problem: "it is a folder")
    case S_IFLNK: try write(data, through: path)
    default: try writeInPlace(path, data)
    }
  }

  /// Only a link to a file with a name leads to where that file is replaced: others are opened through the link.
  private static func write(_ data: Data, through link: String) throws {
    if let descriptor = OpenDescriptor(path: link) { return try writeInPlace(link, data, into: descriptor.open()) }
    switch kind(of: link, followsLinks: true) {
    case nil: throw OutputFileError(path: link, problem: "it is a link to nothing")
    case S_IFREG?, S_IFDIR?:
      guard let target = resolved(link) else { throw OutputFileError(path: link, problem: "it is a link to nothing") }
      try write(data, to: target)
    default: try writeInPlace(link, data)
    }
  }

  public static func write(_ text: String, to path: String) throws { try write(Data(text.utf8), to: path) }

  /// Removes what processes that ended in the middle left beside a file that this user writes: regular files with exactly
  /// the names that `write` makes. Of a link they are where it leads.
  public static func removePartialFiles(of path: String) {
    let path = resolved(path) ?? path
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let prefix = URL(fileURLWithPath: path).lastPathComponent + "."
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where name.hasPrefix(prefix) && isPartial(name.dropFirst(prefix.count)) {
      let partial = folder + "/" + name
      if kind(of: partial, followsLinks: false) == S_IFREG { unlink(partial) }
    }
  }

  // MARK: Replacing

  /// Writes under a new name in the same folder, forces the bytes to disk, then renames.
  private static func replace(_ path: String, with data: Data) throws {
    let temporary = "\(path).\(partialSuffix())"
    // A name that is there already, or a link of that name, is somebody else's.
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw OutputFileError(path: path, problem: problem(path)) }
    do {
      defer { close(file) }
      keepPermissions(of: path, on: file)
      try write(data, into: file, path)
      guard fsync(file) == 0 else { throw OutputFileError(path: path, problem: problem(path)) }
    } catch {
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else {
      let error = OutputFileError(path: path, problem: problem(path))
      unlink(temporary)
      throw error
    }
    syncFolder(of: path)
  }

  private static func keepPermissions(of path: String, on file: Int32) {
    var status = stat()
    if lstat(path, &status) == 0 { fchmod(file, status.st_mode & 0o777) }
  }

  /// `0123456789abcdef.part`, unforeseeable.
  private static func partialSuffix() -> String {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits + ".part"
  }

  private static func isPartial(_ suffix: Substring) -> Bool {
    let digits = suffix.dropLast(5)
    return suffix.hasSuffix(".part") && digits.count == 16 && digits.allSatisfy { "0123456789abcdef".contains($0) }
  }

  /// The new name survives only once the folder itself is on disk; a folder that cannot be opened is left to the system.
  private static func syncFolder(of path: String) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let file = open(folder, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    fsync(file)
    close(file)
  }

  // MARK: Writing

  private static func writeInPlace(_ path: String, _ data: Data) throws {
    try writeInPlace(path, data, into: open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY))
  }

  /// Writes into a file that has just been opened, and closes it.
  private static func writeInPlace(_ path: String, _ data: Data, into file: Int32) throws {
    guard file >= 0 else { throw OutputFileError(path: path, problem: problem(path)) }
    defer { close(file) }
    try write(data, into: file, path)
  }

  private static func write(_ data: Data, into file: Int32, _ path: String) throws {
    try data.withUnsafeBytes { bytes in
      var rest = bytes
      while !rest.isEmpty {
        let written = Foundation.write(file, rest.baseAddress, rest.count)
        if written < 0 && (errno == EINTR || (errno == EAGAIN && waitUntilWritable(file))) { continue }
        guard written > 0 else { throw OutputFileError(path: path, problem: problem(path)) }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }
  }

  /// Waits for room where another process has made the file one that does not block.
  private static func waitUntilWritable(_ file: Int32) -> Bool {
    var event = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
    return poll(&event, 1, -1) >= 0 || errno == EINTR
  }

  /// The kind of file; nil where there is none.
  private static func kind(of path: String, followsLinks: Bool) -> mode_t? {
    var status = stat()
    guard (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
    return status.st_mode & S_IFMT
  }

  static func resolved(_ path: String) -> String? {
    guard let target = realpath(path, nil) else { return nil }
    defer { free(target) }
    return String(cString: target)
  }

  /// What the system says of the last failure; a missing folder by its name.
  private static func problem(_ path: String) -> String {
    let said = errno
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    switch kind(of: folder, followsLinks: true) {
    case nil: return "there is no folder '\(folder)'"
    case S_IFDIR?: return SystemMessage.text(said)
    default: return "'\(folder)' is not a folder"
    }
  }
}

/// A file that could not be written.
public struct OutputFileError: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: String
  public let problem: String

  public init(path: String, problem: String) {
    self.path = path
    self.problem = problem
  }

  public var description: String { "cannot write '\(path)': \(problem)" }
}
