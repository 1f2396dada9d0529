import Files
import Foundation
import TensorTypes

extension SafetensorsFile {
  /// The tensors of a file.
  ///
  /// 64-bit integers become 32-bit ones where all of them fit.
  ///
  /// - Throws: `SafetensorsError`, with the path and what was found.
  public init(path: String) throws {
    do { try self.init(bytes: try InputFile.bytes(of: path)) } catch let reason as SafetensorsError.Reason {
      throw SafetensorsError(path: path, reason: reason)
    } catch let problem as InputFileProblem { throw SafetensorsError(path: path, reason: .noFile(problem)) }
  }

  /// The tensors in the bytes of a file.
  ///
  /// - Throws: `SafetensorsError.Reason`.
  public init(bytes: Data) throws {
    let (header, start) = try Self.header(bytes)
    let body = bytes[start...]
    try Self.checkOffsets(header, available: body.count)
    var tensors: [String: HostTensor] = [:]
    for (name, entry) in header.entries { tensors[name] = try Self.tensor(name, entry, body) }
    self.init(tensors: tensors, metadata: header.metadata)
  }

  /// The header and where it ends.
  private static func header(_ bytes: Data) throws -> (SafetensorsHeader, Int) {
    guard bytes.count >= 8 else { throw SafetensorsError.Reason.truncated(found: bytes.count, needed: 8) }
    let start = bytes.startIndex
    let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
    guard length <= 100_000_000 else {
      throw SafetensorsError.Reason.badHeader("its length is \(length) bytes, at most 100000000 are allowed")
    }
    let end = 8 + Int(length)
    guard bytes.count >= end else { throw SafetensorsError.Reason.truncated(found: bytes.count, needed: end) }
    return (try SafetensorsHeader(text: Array(bytes[(start + 8)..<(start + end)])), start + end)
  }

  /// Every byte behind the header belongs to exactly one tensor.
  private static func checkOffsets(_ header: SafetensorsHeader, available: Int) throws {
    var end = 0
    let inOrder = header.entries.map { (offsets: $0.value.data_offsets, name: $0.key) }.sorted {
      ($0.offsets[0], $0.offsets[1], $0.name) < ($1.offsets[0], $1.offsets[1], $1.name)
    }
    for (offsets, name) in inOrder {
      guard offsets[0] == end, offsets[0] <= offsets[1], offsets[1] <= available else {
        throw SafetensorsError.Reason.offsets(tensor: name, found: offsets, begin: end, available: available)
      }
      end = offsets[1]
    }
    if end != available { throw SafetensorsError.Reason.uncovered(found: available, needed: end) }
  }

  private static func tensor(_ name: String, _ entry: SafetensorsEntry, _ body: Data) throws -> HostTensor {
    guard let format = SafetensorsFormat(rawValue: entry.dtype) else {
      throw SafetensorsError.Reason.unknownElementType(tensor: name, found: entry.dtype)
    }
    let offsets = entry.data_offsets
    let (needed, hasOverflow) = byteCount(entry.shape, format)
    if hasOverflow { throw SafetensorsError.Reason.overflow(tensor: name, type: "\(entry.dtype) \(entry.shape)") }
    guard needed == offsets[1] - offsets[0] else {
      throw SafetensorsError.Reason.wrongByteCount(
        tensor: name, type: "\(entry.dtype) \(entry.shape)", found: offsets[1] - offsets[0], needed: needed)
    }
    let range = (body.startIndex + offsets[0])..<(body.startIndex + offsets[1])
    return try format.tensor(name, Shape(entry.shape), body[range])
  }

  /// The bytes of a tensor, and whether they are more than an integer counts.
  static func byteCount(_ shape: [Int], _ format: SafetensorsFormat) -> (Int, Bool) {
    shape.reduce((format.byteCount, false)) { total, extent in
      let (product, hasOverflow) = total.0.multipliedReportingOverflow(by: extent)
      return (product, total.1 || hasOverflow)
    }
  }
}

/// An element type of the format that is understood here.
enum SafetensorsFormat: String {
  case float32 = "F32"
  case float64 = "F64"
  case int32 = "I32"
  case int64 = "I64"
  case bool = "BOOL"

  init(_ elementType: ElementType) {
    switch elementType {
    case .float32: self = .float32
    case .float64: self = .float64
    case .int32: self = .int32
    case .bool: self = .bool
    }
  }

  /// Size of one element in bytes.
  var byteCount: Int {
    switch self {
    case .float32, .int32: 4
    case .float64, .int64: 8
    case .bool: 1
    }
  }

  /// The tensor that the bytes hold; their count is right.
  func tensor(_ name: String, _ shape: Shape, _ bytes: Data) throws -> HostTensor {
    switch self {
    case .float32: return plain(.float32, shape, bytes)
    case .float64: return plain(.float64, shape, bytes)
    case .int32: return plain(.int32, shape, bytes)
    case .bool: return plain(.bool, shape, bytes)
    case .int64: return HostTensor(shape, .int32(try integers(name, shape.elementCount, bytes)))
    }
  }

  private func plain(_ elementType: ElementType, _ shape: Shape, _ bytes: Data) -> HostTensor {
    bytes.withUnsafeBytes { HostTensor(TensorType(elementType, shape), bytes: $0) }
  }

  private func integers(_ name: String, _ count: Int, _ bytes: Data) throws -> [Int32] {
    try bytes.withUnsafeBytes { buffer in
      try (0..<count).map { index in
        let number = Int64(littleEndian: buffer.loadUnaligned(fromByteOffset: 8 * index, as: Int64.self))
        guard let small = Int32(exactly: number) else {
          throw SafetensorsError.Reason.tooLarge(tensor: name, number: number)
        }
        return small
      }
    }
  }
}
