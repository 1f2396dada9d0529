import Foundation
import StandardStreams

/// A program of the system that draws: data in, data out, and an error whatever else it does.
///
/// It runs in a process group of its own, so that Ctrl-C reaches only this process, and is killed when it takes too long.
public struct ExternalTool: Sendable {
  public let name: String
  /// The Debian package that has it.
  public let package: String
  /// How long it may take.
  public var seconds: Double
  /// How much it may put out.
  public var mostBytes: Int
  private let path: String?

  /// - Parameter searchPath: folders separated by colons; only absolute ones are searched.
  public init(
    _ name: String, package: String, searchPath: String = ProcessInfo.processInfo.environment["PATH"] ?? "",
    seconds: Double = 60, mostBytes: Int = 256 << 20
  ) {
    self.name = name
    self.package = package
    self.seconds = seconds
    self.mostBytes = mostBytes
    path = searchPath.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  public var isFound: Bool { path != nil }

  /// Runs the tool once.
  ///
  /// - Parameter input: what it reads from its standard input.
  /// - Returns: what it wrote to its standard output.
  /// - Throws: `ExternalToolError` when it is missing, fails, is killed, hangs, or puts out nothing or too much.
  public func run(_ arguments: [String], input: Data) throws -> Data {
    guard let path else { throw ExternalToolError(tool: name, problem: .missing(package: package)) }
    var process = try ToolProcess(path, arguments, tool: name)
    let output = try process.exchange(input, seconds: seconds, mostBytes: mostBytes)
    if output.isEmpty { throw ExternalToolError(tool: name, problem: .noOutput(said: process.said)) }
    return output
  }
}

/// Why a tool gave no result.
public struct ExternalToolError: Error, Hashable, CustomStringConvertible {
  public enum Problem: Hashable, Sendable {
    case missing(package: String)
    case unstartable(String)
    case failed(status: Int32, said: String)
    case killed(signal: Int32, said: String)
    case unknownEnd(reason: String)
    case tooSlow(seconds: Double)
    case tooMuch(bytes: Int)
    case noOutput(said: String)
  }

  public var tool: String
  public var problem: Problem

  public var description: String {
    switch problem {
    case .missing(let package): "found no \(tool) on the search path; the package \(package) has it"
    case .unstartable(let reason): "\(tool) cannot be started: \(reason)"
    case .failed(let status, let said): "\(tool) failed with status \(status)\(Self.saying(said))"
    case .killed(let signal, let said): "\(tool) was ended by signal \(signal)\(Self.saying(said))"
    case .unknownEnd(let reason):
      "\(tool)'s status cannot be known: \(reason); needs a process that does not ignore SIGCHLD"
    case .tooSlow(let seconds): "\(tool) took more than \(TextTable.seconds(seconds)) and was ended"
    case .tooMuch(let bytes): "\(tool) put out more than \(TextTable.bytes(bytes)) and was ended"
    case .noOutput(let said): "\(tool) put out nothing\(Self.saying(said))"
    }
  }

  private static func saying(_ text: String) -> String {
    text.isEmpty ? "" : ": " + Quoting.message(text, longest: 500)
  }
}
