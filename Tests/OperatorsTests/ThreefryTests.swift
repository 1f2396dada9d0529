import Testing

@testable import Operators

/// Random bits against the known answers that the authors publish (Random123, kat_vectors).
@Suite struct ThreefryTests {
  @Test func knownAnswers() {
    let ones = UInt32.max
    #expect(Threefry.words(key: (0, 0), counter: (0, 0)) == (0x6B20_0159, 0x99BA_4EFE))
    #expect(Threefry.words(key: (ones, ones), counter: (ones, ones)) == (0x1CB9_96FC, 0xBB00_2BE7))
    #expect(
      Threefry.words(key: (0x1319_8A2E, 0x0370_7344), counter: (0x243F_6A88, 0x85A3_08D3)) == (0xC492_3A9C, 0x483D_F7A0)
    )
  }
}
