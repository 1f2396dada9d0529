/// A line of the user's code.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  public var file: String
  public var line: Int

  public init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  public var description: String { "\(file):\(line)" }
}

extension SourceLocation? {
  /// `, made at Model.swift:12`, or nothing where the line is not known.
  var suffix: String { map { ", made at \($0)" } ?? "" }
}
