import Foundation

/// Lines that are written at once, so that none is lost when the process ends in a trap.
public enum StandardOutput {
  public static func print(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
  }
}
