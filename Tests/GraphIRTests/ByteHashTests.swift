import TensorTypes
import Testing

@Suite struct ByteHashTests {
  /// Reference: http://www.isthe.com/chongo/src/fnv/test_fnv.c
  @Test func publishedNumbers() {
    let numbers = ["", "a", "foobar"].map { ByteHash.of($0.utf8) }
    #expect(numbers == [0xcbf2_9ce4_8422_2325, 0xaf63_dc4c_8601_ec8c, 0x8594_4171_f739_67e8])
  }
}
