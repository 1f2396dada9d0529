import Foundation

/// Records of any bytes in one file, each framed by its length and checks (tensorflow/core/lib/io/record_writer.h).
enum RecordFile {
  /// Length (8 bytes), check of the length (4), the bytes, check of the bytes (4); all numbers little-endian.
  static func framed(_ bytes: Data) -> Data {
    let length = littleEndian(UInt64(bytes.count))
    return length + littleEndian(CyclicRedundancyCheck.masked(length)) + bytes
      + littleEndian(CyclicRedundancyCheck.masked(bytes))
  }

  private static func littleEndian(_ number: some FixedWidthInteger) -> Data {
    withUnsafeBytes(of: number.littleEndian) { Data($0) }
  }
}
