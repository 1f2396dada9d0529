import Foundation

/// What a path such as `/dev/stdout`, `/dev/fd/3` or `/proc/self/fd/3` leads to: a file that is open already.
///
/// It may be a pipe or a file without a name; and one that has a name belongs to whoever opened it, for example to a shell
/// that appends to a log.
struct OpenDescriptor {
  /// In the folder of the process's descriptors.
  private let path: String
  /// The number, if the descriptor is this process's own.
  private let number: Int32?

  /// Nil where the path leads elsewhere.
  init?(path: String) {
    var path = path
    // As many links as the system follows.
    for _ in 0..<40 {
      let url = URL(fileURLWithPath: path)
      guard let folder = OutputFile.resolved(url.deletingLastPathComponent().path) else { return nil }
      if folder.hasPrefix("/proc/") && folder.hasSuffix("/fd") {
        self.path = path
        number = folder.hasPrefix("/proc/\(getpid())/") ? Int32(url.lastPathComponent) : nil
        return
      }
      guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { return nil }
      path = target.hasPrefix("/") ? target : folder + "/" + target
    }
    return nil
  }

  /// Opens it once more: at the place that its owner writes at next where it is our own, else at the end.
  ///
  /// - Returns: a new descriptor; negative where the system refuses, which `errno` explains.
  func open() -> Int32 {
    if let number { return fcntl(number, F_DUPFD_CLOEXEC, 0) }
    return Foundation.open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY)
  }
}
