/// How XLA is to compile, as a message of Protocol Buffers: one program for one device.
///
/// Fields by their numbers: the options of a build are field 3, of which 1 is the device (-1: none in particular), 4 how many
/// replicas and 5 how many partitions there are.
enum CompileOptions {
  static let bytes: [UInt8] = message(field: 3, number(field: 1, -1) + number(field: 4, 1) + number(field: 5, 1))

  private static func message(field: UInt64, _ content: [UInt8]) -> [UInt8] {
    variable(field << 3 | 2) + variable(UInt64(content.count)) + content
  }

  private static func number(field: UInt64, _ value: Int64) -> [UInt8] {
    variable(field << 3) + variable(UInt64(bitPattern: value))
  }

  /// Seven bits a byte, the lowest first; the eighth says that more follow.
  private static func variable(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F | 0x80)] + variable(value >> 7)
  }
}
