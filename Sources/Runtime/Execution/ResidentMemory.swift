import Foundation

/// Memory of this process as the system counts it, whatever the process believes (proc(5)).
public enum ResidentMemory {
  /// Bytes in memory, in whole pages. Counted page by page where the system can, else by counters that may lag behind.
  public static var byteCount: Int {
    value("Rss:", in: "/proc/self/smaps_rollup") ?? value("VmRSS:", in: "/proc/self/status") ?? 0
  }

  private static func value(_ key: String, in path: String) -> Int? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix(key) })
    else { return nil }
    return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }
}
