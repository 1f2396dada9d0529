import Foundation

extension RunRecord {
  /// The record in the folder of a checkpoint; nil where there is none.
  ///
  /// - Throws: `RunRecordError` for one that cannot be read.
  public static func beside(_ checkpoint: String) throws -> RunRecord? {
    let folder = RunFolder(URL(fileURLWithPath: checkpoint).deletingLastPathComponent().path)
    return folder.holdsRecord ? try RunRecord(path: folder.record) : nil
  }
}

extension CheckpointError {
  /// The error with the sizes that the checkpoint was made with, where the record beside it says them.
  public var namingOrigin: CheckpointError {
    guard let record = try? RunRecord.beside(path) else { return self }
    let sizes = [
      ("preset", record.preset), ("variant", record.variant), ("batch", "\(record.batch)"),
      ("depth", "\(record.depth)"),
    ].compactMap { name, value in value.map { (name: name, value: $0) } }
    let own = (record.settings ?? [:]).sorted { $0.key < $1.key }.map { " --set \($0.key)=\($0.value)" }
    var error = self
    error.hint =
      "it was made by \(record.family), " + sizes.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
      + "; it fits " + sizes.map { "--\($0.name) \($0.value)" }.joined(separator: " ") + own.joined()
    return error
  }

  /// Runs what may refuse a checkpoint, and says then what the checkpoint was made with.
  public static func namingOrigins<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as CheckpointError { throw error.namingOrigin }
  }
}
