import Files

extension BytePairVocabulary {
  private static let header = "recurve byte pairs 1"
  /// Where the lines of special tokens begin.
  private static let specialWord = "special "

  /// Writes a line for each token from 256 on: the two tokens that it is made of, or the name of a special one.
  ///
  /// - Throws: `OutputFileError` when the file system refuses.
  public func write(to path: String) throws {
    let lines = [Self.header] + merges.map { "\($0.first) \($0.second)" } + special.map { Self.specialWord + $0 }
    try OutputFile.write(lines.joined(separator: "\n") + "\n", to: path)
  }

  /// - Throws: `TextFileError` and `BytePairError` for a file that holds no vocabulary.
  public init(path: String) throws {
    let lines = try TextFile(path: path).lines
    guard lines.first ?? "" == Self.header else {
      throw TextFileError(path: path, line: 1, problem: "needs '\(Self.header)', the first line of a vocabulary")
    }
    let rest = lines.dropFirst().last?.isEmpty == true ? lines.dropFirst().dropLast() : lines.dropFirst()
    let first = rest.firstIndex { $0.hasPrefix(Self.specialWord) } ?? rest.endIndex
    let merges = try rest[..<first].enumerated().map { try Self.pair($1, path, line: $0 + 2) }
    let special = try rest[first...].enumerated().map { try Self.name($1, path, line: first + $0 + 1) }
    do { try self.init(merges, special: special) } catch let error as BytePairError {
      throw TextFileError(path: path, line: error.line, problem: "\(error)")
    }
  }

  private static func pair(_ text: Substring, _ path: String, line: Int) throws -> Pair {
    let numbers = text.split(separator: " ", omittingEmptySubsequences: false).map { Int32($0) }
    guard numbers.count == 2, let first = numbers[0], let second = numbers[1] else {
      throw TextFileError(path: path, line: line, problem: "got '\(text)', needs the numbers of two tokens")
    }
    return Pair(first: first, second: second)
  }

  private static func name(_ text: Substring, _ path: String, line: Int) throws -> String {
    guard text.hasPrefix(specialWord) else {
      throw TextFileError(path: path, line: line, problem: "got '\(text)', needs '\(specialWord)' and a name")
    }
    return String(text.dropFirst(specialWord.count))
  }
}
