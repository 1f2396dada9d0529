import Foundation

/// Byte counts for people, in decimal units with three digits.
enum ByteText {
  /// Three digits and a unit: `512 B`, `1.33 MB`, `24.0 MB`, `189 GB`.
  static func short(_ byteCount: Int) -> String {
    guard byteCount >= 1000 else { return "\(byteCount) B" }
    let units = ["kB", "MB", "GB", "TB", "PB"]
    var value = Double(byteCount) / 1000
    var unit = 0
    // 999.5 and not 1000: what would be rounded to 1000 belongs to the next unit.
    while value >= 999.5, unit + 1 < units.count {
      value /= 1000
      unit += 1
    }
    let digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
    return String(format: "%.\(digits)f", value) + " " + units[unit]
  }
}
