/// Words as 32-bit numbers, so that a checkpoint can hold them: their bytes in UTF-8, a line feed behind each, four to a number.
enum PackedWords {
  static func packed(_ words: [String]) -> [Int32] {
    var bytes: [UInt8] = []
    for word in words { bytes += Array(word.utf8) + [0x0A] }
    bytes += Array(repeating: 0x0A, count: (4 - bytes.count % 4) % 4)
    return stride(from: 0, to: bytes.count, by: 4).map { start in
      Int32(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) })
    }
  }

  /// Bytes that are no UTF-8 become replacement characters.
  static func unpacked(_ numbers: [Int32]) -> [String] {
    let bytes = numbers.flatMap { number in
      (0..<4).map { UInt8(truncatingIfNeeded: UInt32(bitPattern: number) >> (8 * UInt32($0))) }
    }
    return bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
  }
}
