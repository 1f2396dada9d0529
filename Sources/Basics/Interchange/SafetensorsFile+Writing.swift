import Files
import Foundation
import TensorTypes

extension SafetensorsFile {
  /// Replaces the file at the path: a reader sees the old content or the new, and never a part.
  ///
  /// - Throws: `SafetensorsError` when the file system refuses, or when a tensor could not be read back; an old file stays.
  public func write(to path: String) throws {
    do { try OutputFile.write(encoded(), to: path) } catch let error as OutputFileError {
      throw SafetensorsError(path: path, reason: .unwritable(error.problem))
    } catch let reason as SafetensorsError.Reason {
      throw SafetensorsError(path: path, reason: reason)
    }
  }

  /// The bytes of the file; equal content has equal bytes.
  ///
  /// Wide elements come first, so that every tensor is aligned to its own elements.
  ///
  /// - Throws: `SafetensorsError.Reason`: `unwritable` for a name that the format needs for itself or an extent below 0,
  ///   `wrongByteCount` for a tensor that has not the elements of its shape, `overflow` for too large a shape.
  public func encoded() throws -> Data {
    if tensors[SafetensorsHeader.metadataName] != nil {
      throw SafetensorsError.Reason.unwritable("no tensor can be called '\(SafetensorsHeader.metadataName)'")
    }
    let names = tensors.keys.sorted { left, right in
      let (wide, narrow) = (width(left), width(right))
      return wide == narrow ? left < right : wide > narrow
    }
    var header = SafetensorsHeader()
    header.metadata = metadata
    var body = Data()
    for name in names {
      guard let tensor = tensors[name] else { continue }
      try Self.check(name, tensor)
      let start = body.count
      tensor.withUnsafeBytes { body.append(contentsOf: $0) }
      header.entries[name] = SafetensorsEntry(
        dtype: SafetensorsFormat(tensor.elementType).rawValue, shape: tensor.shape.extents,
        data_offsets: [start, body.count])
    }
    return try Self.prefix(header) + body
  }

  /// What reading refuses must not be written.
  private static func check(_ name: String, _ tensor: HostTensor) throws {
    let (format, extents) = (SafetensorsFormat(tensor.elementType), tensor.shape.extents)
    if extents.contains(where: { $0 < 0 }) {
      throw SafetensorsError.Reason.unwritable("tensor '\(name)' is \(extents), needs extents of at least 0")
    }
    let type = "\(format.rawValue) \(extents)"
    let (needed, hasOverflow) = byteCount(extents, format)
    if hasOverflow { throw SafetensorsError.Reason.overflow(tensor: name, type: type) }
    guard tensor.fits(tensor.type) else {
      let found = tensor.withUnsafeBytes { $0.count }
      throw SafetensorsError.Reason.wrongByteCount(tensor: name, type: type, found: found, needed: needed)
    }
  }

  private func width(_ name: String) -> Int { tensors[name]?.elementType.byteCount ?? 0 }

  /// The header with its length in front, filled with spaces to a multiple of eight bytes.
  private static func prefix(_ header: SafetensorsHeader) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var text = try encoder.encode(header)
    text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
    let length = UInt64(text.count)
    return Data((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }) + text
  }
}
