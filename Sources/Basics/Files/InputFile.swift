import Foundation
import StandardStreams

/// Reads whole regular files.
///
/// What is no regular file may never end, or may give its bytes only once.
public enum InputFile {
  /// All bytes of a file.
  ///
  /// - Parameter most: larger files are refused, unread, as are those beyond the machine's memory.
  /// - Throws: `InputFileProblem`.
  public static func bytes(of path: String, atMost most: Int = .max) throws(InputFileProblem) -> Data {
    // A pipe that nobody writes to is opened without waiting.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard file >= 0 else { throw errno == ENOENT ? .missing : .unreadable(SystemMessage.text()) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw .unreadable(SystemMessage.text()) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .folder
    default: throw .noRegularFile
    }
    // A sparse file may seem larger than any memory.
    let most = min(most, Int(clamping: ProcessInfo.processInfo.physicalMemory))
    if status.st_size > most { throw .tooLarge(found: Int(status.st_size), most: most) }
    return try rest(of: file, about: Int(status.st_size))
  }

  private static func rest(of file: Int32, about size: Int) throws(InputFileProblem) -> Data {
    // One more than there should be shows the end.
    var bytes = Data(count: size + 1)
    var count = 0
    while true {
      if count == bytes.count { bytes.append(Data(count: max(1, min(count, 1 << 20)))) }
      let read = bytes.withUnsafeMutableBytes { all in
        let rest = UnsafeMutableRawBufferPointer(rebasing: all[count...])
        return Foundation.read(file, rest.baseAddress, rest.count)
      }
      if read < 0 && errno == EINTR { continue }
      if read < 0 { throw .unreadable(SystemMessage.text()) }
      if read == 0 { return bytes.prefix(count) }
      count += read
    }
  }
}

/// Why a file gives no bytes, to stand behind what was needed: `needed a text, found a folder`.
public enum InputFileProblem: Error, Hashable, Sendable, CustomStringConvertible {
  case missing
  case folder
  case noRegularFile
  case tooLarge(found: Int, most: Int)
  /// With what the system says.
  case unreadable(String)

  public var description: String {
    switch self {
    case .missing: "found no file"
    case .folder: "found a folder"
    case .noRegularFile: "found what is no regular file"
    case .tooLarge(let found, let most): "found \(found) bytes, where at most \(most) are read"
    case .unreadable(let reason): "found a file that cannot be read: \(reason)"
    }
  }
}
