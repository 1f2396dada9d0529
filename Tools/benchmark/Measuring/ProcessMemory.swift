import Foundation

/// Resident memory of this process, in bytes, as the system counts it (proc(5)).
enum ProcessMemory {
  static var resident: Int { status("VmRSS") }
  /// The largest resident memory since the last `resetPeak`.
  static var peak: Int { status("VmHWM") }

  static func resetPeak() {
    guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
    file.write(Data("5".utf8))
    try? file.close()
  }

  /// Gives free memory of the allocator back to the system.
  static func trim() {
    // A function of glibc that its Swift module leaves out.
    guard let symbol = dlsym(nil, "malloc_trim") else { return }
    _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)(0)
  }

  /// Pages that had to be mapped since the start of the process, without input or output.
  static var minorFaultCount: Int { usage(RUSAGE_SELF).ru_minflt }

  private static func usage(_ who: __rusage_who) -> rusage {
    var usage = rusage()
    getrusage(who.rawValue, &usage)
    return usage
  }

  private static func status(_ key: String) -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(key + ":") }),
      let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
    else { return 0 }
    return kibibytes * 1024
  }
}
