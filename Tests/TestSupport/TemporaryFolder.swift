import Foundation

/// Calls the body with a new folder of the user alone, which is gone afterwards.
public func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.path + "/recurve-test-\(UUID().uuidString)"
  try FileManager.default.createDirectory(
    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  defer {
    // The body may have taken the right to write.
    chmod(folder, 0o700)
    try? FileManager.default.removeItem(atPath: folder)
  }
  return try body(folder)
}
