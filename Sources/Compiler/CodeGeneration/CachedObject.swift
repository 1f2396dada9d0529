import Foundation
import TensorTypes

/// A compiled kernel on disk: the shared object, then a line with its length and a check over object and source.
///
/// A loader ignores what follows the parts of an object that it knows, so the line costs nothing; an object that was cut
/// short or changed, or that belongs to another source, is told before it is loaded.
enum CachedObject {
  private static let mark = "recurve-kernel"

  /// Whether the file is a whole object of the source that nobody else can have written.
  static func isWhole(_ path: String, source: String) -> Bool {
    guard let bytes = trustedBytes(path), let length = lengthBeforeMark(bytes) else { return false }
    return Data(bytes[length...]) == line(bytes.prefix(length), source)
  }

  /// Adds the line to what the compiler wrote.
  ///
  /// - Throws: what keeps the file from being read or written.
  static func seal(_ path: String, source: String) throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try (bytes + line(bytes, source)).write(to: URL(fileURLWithPath: path))
  }

  private static func line(_ object: Data, _ source: String) -> Data {
    let check = hash(Array(source.utf8), from: hash(Array(object)))
    return Data("\n\(mark) \(object.count) \(String(check, radix: 16))\n".utf8)
  }

  /// Where the last line begins, and so the object ends.
  private static func lengthBeforeMark(_ bytes: Data) -> Int? {
    bytes.range(of: Data("\n\(mark) ".utf8), options: .backwards)?.lowerBound
  }

  /// The bytes of a plain file that belongs to the user or the administrator and that nobody else may change.
  private static func trustedBytes(_ path: String) -> Data? {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else { return nil }
    let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, CacheFolder.refusal(status) == nil else {
      return nil
    }
    return try? handle.readToEnd()
  }

  /// FNV-1a in 64 bits, eight bytes at a time.
  static func hash(_ bytes: [UInt8], from start: UInt64 = ByteHash.start) -> UInt64 {
    let prime = ByteHash.prime
    return bytes.withUnsafeBytes { buffer in
      var value = start
      let words = buffer.count / 8
      for index in 0..<words {
        value = (value ^ buffer.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)) &* prime
        value ^= value >> 32
      }
      for index in 8 * words..<buffer.count { value = (value ^ UInt64(buffer[index])) &* prime }
      return value
    }
  }
}
