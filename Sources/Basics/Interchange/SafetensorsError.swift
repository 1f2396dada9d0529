import Files

/// What keeps a file from being read or written as safetensors.
public struct SafetensorsError: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: String
  public let reason: Reason

  public enum Reason: Error, Hashable, Sendable {
    case noFile(InputFileProblem)
    case truncated(found: Int, needed: Int)
    case badHeader(String)
    /// Positions that do not begin where the tensor before ends, or that end beyond the file.
    case offsets(tensor: String, found: [Int], begin: Int, available: Int)
    /// Bytes behind the last tensor.
    case uncovered(found: Int, needed: Int)
    case overflow(tensor: String, type: String)
    case wrongByteCount(tensor: String, type: String, found: Int, needed: Int)
    case unknownElementType(tensor: String, found: String)
    case tooLarge(tensor: String, number: Int64)
    case unwritable(String)
  }

  public init(path: String, reason: Reason) {
    self.path = path
    self.reason = reason
  }

  public var description: String { "\(path): \(reason)" }
}

extension SafetensorsError.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noFile(let problem): "needed a safetensors file, \(problem)"
    case .truncated(let found, let needed): "file is cut short: got \(found) bytes, needed \(needed)"
    case .badHeader(let problem): "header is not that of a safetensors file: \(problem)"
    case .offsets(let tensor, let found, let begin, let available):
      "offsets of tensor '\(tensor)' must begin at \(begin), where the tensor before ends, and end within "
        + "\(available) bytes, got \(found)"
    case .uncovered(let found, let needed):
      "tensors must cover all bytes behind the header: they have \(needed), the file \(found)"
    case .overflow(let tensor, let type): "tensor '\(tensor)' is \(type), which has more than \(Int.max) bytes"
    case .wrongByteCount(let tensor, let type, let found, let needed):
      "tensor '\(tensor)' is \(type), which needs \(needed) bytes, got \(found)"
    case .unknownElementType(let tensor, let found):
      "tensor '\(tensor)' has the element type \(found), needed F32, F64, I32, I64 or BOOL"
    case .tooLarge(let tensor, let number):
      "tensor '\(tensor)' holds \(number), which needs more than the 32 bits that integers have here"
    case .unwritable(let problem): "cannot be written: \(problem)"
    }
  }
}
