import Foundation

/// Expected text kept in the repository, compared line by line.
public enum GoldenText {
  /// What differs between two texts, or nil: the first lines that do, with their numbers.
  public static func difference(_ actual: String, _ expected: String) -> String? {
    if actual == expected { return nil }
    let (new, old) = (actual.components(separatedBy: "\n"), expected.components(separatedBy: "\n"))
    var lines: [String] = []
    for index in 0..<max(new.count, old.count) {
      let (a, b) = (index < new.count ? new[index] : nil, index < old.count ? old[index] : nil)
      guard a != b else { continue }
      if let b { lines.append("\(index + 1) - \(b)") }
      if let a { lines.append("\(index + 1) + \(a)") }
      if lines.count > 12 { break }
    }
    return lines.joined(separator: "\n") + "\nset UPDATE_GOLDEN=1 to accept"
  }

  /// What differs between a text and a file; with `UPDATE_GOLDEN=1` the file is written instead.
  public static func difference(_ actual: String, file: String) throws -> String? {
    if isUpdating {
      try actual.write(toFile: file, atomically: true, encoding: .utf8)
      return nil
    }
    guard let expected = try? String(contentsOfFile: file, encoding: .utf8) else {
      return "\(file) is missing; set UPDATE_GOLDEN=1 to write it"
    }
    return difference(actual, expected)
  }

  public static var isUpdating: Bool { ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" }
}
