/// Cuts the bytes of a comma-separated file into lines and fields without copying them.
enum SudokuFields {
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let comma = UInt8(ascii: ",")
  private static let quote = UInt8(ascii: "\"")

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
}
