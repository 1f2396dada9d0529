/// FNV-1a in 64 bits (Fowler, Noll and Vo): the same number for the same bytes on every machine, in any language.
public enum ByteHash {
  /// The hash of no bytes.
  public static let start: UInt64 = 0xcbf2_9ce4_8422_2325
  public static let prime: UInt64 = 0x100_0000_01b3

  /// - Parameter start: the hash of the bytes before, where there are some.
  public static func of(_ bytes: some Sequence<UInt8>, from start: UInt64 = start) -> UInt64 {
    bytes.reduce(start) { ($0 ^ UInt64($1)) &* prime }
  }
}
