import Foundation

/// Writes whole files, so that a reader sees the old content or the new and never a part.
enum FileOutput {
  static func write(_ data: Data, to path: String) throws {
    do {
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw RenderingError.unwritable(path: path, reason: reason(path))
    }
  }

  /// The first of the usual reasons that holds.
  private static func reason(_ path: String) -> String {
    let files = FileManager.default
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var isFolder: ObjCBool = false
    if files.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue { return "it is a folder" }
    guard files.fileExists(atPath: folder, isDirectory: &isFolder) else {
      return "there is no folder '\(folder)'"
    }
    guard isFolder.boolValue else { return "'\(folder)' is not a folder" }
    return files.isWritableFile(atPath: folder) ? "the file system refused" : "no permission in '\(folder)'"
  }
}
