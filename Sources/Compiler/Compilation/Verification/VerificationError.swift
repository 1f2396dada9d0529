import Foundation
import StandardStreams

/// Memory that is not as it must be: a mistake of the compiler, found while a program ran.
public struct VerificationError: Error, Hashable, CustomStringConvertible {
  public enum Fault: Hashable, Sendable {
    /// A value changed between the step that wrote it and one that reads it.
    case lost(value: String, writer: String, clobberer: String, reader: String)
    /// A step reads a value that no step has written, or none in the present iteration.
    case readBeforeWritten(value: String, reader: String)
    /// A step wrote bytes that belong to no buffer.
    case wroteOutside(operation: String, byteCount: Int, place: String)
    /// A step of a loop whose workers each take rows of their own through all iterations touches other rows.
    case mixesRows(value: String, operation: String)
    /// A result differs between memory filled with one pattern and with another.
    case dependsOnUnwrittenMemory(value: String)
  }

  public var program: String
  public var fault: Fault

  public var description: String {
    switch fault {
    case .lost(let value, let writer, let clobberer, let reader):
      "\(program): '\(clobberer)' overwrote '\(value)', which '\(writer)' had written, before '\(reader)' read it"
    case .readBeforeWritten(let value, let reader):
      "\(program): '\(reader)' reads '\(value)' before anything has written it"
    case .wroteOutside(let operation, let byteCount, let place):
      "\(program): '\(operation)' wrote outside of its buffers, \(byteCount) bytes \(place)"
    case .mixesRows(let value, let operation):
      "\(program): '\(operation)' touches other rows of '\(value)' than its own, in a loop without waiting"
    case .dependsOnUnwrittenMemory(let value):
      "\(program): '\(value)' depends on memory that nothing wrote"
    }
  }
}

extension Error {
  /// Ends the process with what is wrong, in release builds too, which say nothing when they trap.
  func trap() -> Never {
    let text = Quoting.message("\(self)")
    FileHandle.standardError.write(Data((text + "\n").utf8))
    preconditionFailure(text)
  }
}

/// What a verified run looked at.
public struct VerificationReport: Sendable, Codable {
  /// Steps that were run in the abstract.
  public var abstractSteps = 0
  /// Steps that were watched, in both runs.
  public var steps = 0
  /// Comparisons of a value with what was written.
  public var comparisons = 0
  public var redZones = 0
  /// Memory that watching needed beyond the program's own, in bytes.
  public var extraByteCount = 0
}
