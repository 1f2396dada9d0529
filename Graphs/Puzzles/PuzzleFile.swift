import FoundationEssentials

/// A regular file read to its end: a device or a pipe may never end.
enum PuzzleFile {
  enum Problem: Error { case noFile, directory, notRegular, unreadable }

  static func bytes(path: String) throws(Problem) -> Data {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { throw .noFile }
    if isDirectory { throw .directory }
    // A link is what it leads to.
    let target = URL(filePath: path).resolvingSymlinksInPath().path
    let kind = (try? FileManager.default.attributesOfItem(atPath: target))?[.type] as? FileAttributeType
    guard kind == .typeRegular else { throw .notRegular }
    do { return try Data(contentsOf: URL(filePath: path)) } catch { throw .unreadable }
  }
}
