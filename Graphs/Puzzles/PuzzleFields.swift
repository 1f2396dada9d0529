import Files
import FoundationEssentials

/// Cuts the bytes of a file of puzzles into lines and fields without copying them.
enum PuzzleFields {
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let quote = UInt8(ascii: "\"")
  static let comma = UInt8(ascii: ",")

  /// All bytes of a file.
  static func bytes(path: String) throws(PuzzleFileError) -> [UInt8] {
    do { return [UInt8](try InputFile.bytes(of: path)) } catch {
      throw PuzzleFileError(path: path, line: 1, reason: .noFile(error))
    }
  }

  /// What stands in a file: spreadsheets begin theirs with a byte order mark.
  static func text(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
  }

  /// Removes the next line and returns it without its end, "\n" or "\r\n".
  static func takeLine(from bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let end = bytes.firstIndex(of: newline) ?? bytes.endIndex
    let line = bytes[..<end]
    bytes = bytes[end...].dropFirst()
    return line.last == carriageReturn ? line.dropLast() : line
  }

  /// The fields of a line; a field in quotes may contain commas, and its quotes are dropped.
  static func split(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var fields: [ArraySlice<UInt8>] = []
    var start = line.startIndex
    var isQuoted = false
    for index in line.indices {
      if line[index] == quote { isQuoted.toggle() }
      if line[index] == comma && !isQuoted {
        fields.append(unquoted(line[start..<index]))
        start = index + 1
      }
    }
    fields.append(unquoted(line[start...]))
    return fields
  }

  private static func unquoted(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard field.count >= 2, field.first == quote, field.last == quote else { return field }
    return field.dropFirst().dropLast()
  }

  /// The cells of a field, a byte each.
  ///
  /// - Parameters:
  ///   - column: of the field, for errors.
  ///   - needed: what cells are, in words.
  ///   - cell: nil for a byte that is none.
  static func cells<Cell>(
    _ field: ArraySlice<UInt8>, column: String, needed: @autoclosure () -> String, _ cell: (UInt8) -> Cell?
  ) throws(PuzzleFileError.Reason) -> [Cell] {
    var cells: [Cell] = []
    cells.reserveCapacity(field.count)
    for (offset, byte) in field.enumerated() {
      guard let next = cell(byte) else {
        let found = String(decoding: field.dropFirst(offset), as: UTF8.self).first ?? "?"
        throw .illegalCharacter(found, column: column, position: offset + 1, needed: needed())
      }
      cells.append(next)
    }
    return cells
  }
}
