import CKernelSupport
import Foundation
import StandardStreams

/// One block of memory from which all buffers get offsets; on huge pages where the system gives them.
final class ArenaMemory {
  let base: UnsafeMutableRawPointer
  let byteCount: Int
  private let mappedByteCount: Int64

  init(byteCount: Int) throws {
    self.byteCount = byteCount
    mappedByteCount = Int64(max(byteCount, 1))
    let available = Self.availableByteCount
    guard byteCount <= available else {
      throw ExecutionError.notEnoughMemory(needed: byteCount, available: available)
    }
    guard let base = recurve_arena_create(mappedByteCount) else {
      throw ExecutionError.notEnoughMemory(needed: byteCount, available: available)
    }
    self.base = base
  }

  deinit { recurve_arena_destroy(base, mappedByteCount) }

  /// Memory that the system can still give, in bytes, and that the control groups around the process allow.
  static var availableByteCount: Int {
    min(systemByteCount, ControlGroups(root: "/").availableByteCount ?? .max)
  }

  private static var systemByteCount: Int {
    guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }),
      let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return .max }
    return kibibytes * 1024
  }

  /// Bytes that are in memory, in whole pages.
  var residentByteCount: Int { Int(recurve_arena_resident_byte_count(base, mappedByteCount)) }

  func fill(_ byte: UInt8) { memset(base, Int32(byte), byteCount) }

  /// Gives all pages back to the system; what is read next is zero.
  func release() { _ = recurve_arena_release(base, mappedByteCount) }
}

/// Why a program cannot be run.
public enum ExecutionError: Error, Hashable, CustomStringConvertible {
  /// With the largest of what would be in memory at once, where that is known.
  case notEnoughMemory(needed: Int, available: Int, largest: [NamedBytes] = [])
  case unknownParameter(String, known: [String])
  case wrongType(parameter: String, found: String, needed: String)
  /// Parameters that a program is to run without.
  case unset([String])
  /// A program without results: it was not run, the last run failed, or what held them was used for something else.
  case noResults(String)
  case workerCount(Int)
  case noThreads(workerCount: Int, reason: String)

  /// The largest team of workers.
  public static let mostWorkers = Int(RECURVE_MOST_WORKERS)

  public var description: String {
    switch self {
    case .notEnoughMemory(let needed, let available, let largest):
      "needs \(Self.megabytes(needed)) of memory, but only \(Self.megabytes(available)) are available; "
        + (largest.isEmpty ? "" : "the largest are \(Self.list(largest)); ")
        + "choose a smaller batch or depth, or a gradient mode that keeps less"
    case .unknownParameter(let name, let known):
      "no parameter is called '\(name)'; there are \(known.joined(separator: ", "))"
    case .wrongType(let parameter, let found, let needed):
      "parameter '\(parameter)' got \(found), needs \(needed)"
    case .unset(let names):
      "needs numbers for every parameter that is no state, got none for "
        + names.prefix(5).map { Quoting.name($0) }.joined(separator: ", ")
        + (names.count > 5 ? " and \(names.count - 5) others" : "")
    case .noResults(let name):
      "\(Quoting.name(name)) has no such result any more: it was not run, the last run failed, or what held the result was given back or replaced"
    case .workerCount(let count):
      "\(count) workers cannot share a program; at least 1 and at most \(Self.mostWorkers) can"
    case .noThreads(let workerCount, let reason):
      "the system gave no threads for \(workerCount) workers (\(reason)); choose fewer"
    }
  }

  /// Something in memory, for people.
  public struct NamedBytes: Hashable, Sendable {
    public var name: String
    public var byteCount: Int
    public init(name: String, byteCount: Int) { (self.name, self.byteCount) = (name, byteCount) }
  }

  private static func list(_ largest: [NamedBytes]) -> String {
    largest.map { "\(Quoting.name($0.name)): \(megabytes($0.byteCount))" }.joined(separator: ", ")
  }

  private static func megabytes(_ byteCount: Int) -> String {
    String(format: "%.1f MB", Double(byteCount) / 1e6)
  }
}
