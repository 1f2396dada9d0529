import GraphIR
import Testing

@testable import Scheduling

/// Which values may lie in one place.
@Suite struct StorageTableTests {
  private static func stored(_ index: Int) -> Stored { Stored(Graph.Value(index)) }

  /// A table of values that live from one position to another, with both.
  private static func table(
    _ lives: [ClosedRange<Int>], byteCounts: [Int] = [], homes: [StorageHome] = []
  ) -> StorageTable {
    var table = StorageTable()
    for (index, life) in lives.enumerated() {
      table.add(
        stored(index),
        .init(
          byteCount: byteCounts.isEmpty ? 64 : byteCounts[index], name: BufferName("\(index)"),
          home: homes.isEmpty ? .arena : homes[index], role: .forward,
          intervals: [.init(start: life.lowerBound, end: life.upperBound, stored: stored(index))]))
    }
    return table
  }

  private static func merges(_ table: StorageTable, _ first: Int = 0, _ second: Int = 1) -> Bool {
    var table = table
    return table.merge(stored(first), stored(second))
  }

  @Test func onlyLivesThatDoNotMeetShareAPlace() {
    #expect(Self.merges(Self.table([0...2, 3...4])))
    #expect(!Self.merges(Self.table([0...3, 3...4])))
    #expect(!Self.merges(Self.table([0...9, 3...4])))
    #expect(!Self.merges(Self.table([0...2, 3...4], byteCounts: [64, 32])))
  }

  /// An operation that works in place ends one life where it begins another.
  @Test func aJunctionLetsOneLifeEndWhereAnotherBegins() {
    var table = Self.table([0...3, 3...4])
    table.allow(.init(position: 3, ending: Self.stored(1), starting: Self.stored(0)))
    #expect(!Self.merges(table), "the other way round")
    table.allow(.init(position: 3, ending: Self.stored(0), starting: Self.stored(1)))
    #expect(Self.merges(table) && Self.merges(table, 1, 0))
  }

  @Test func whatMergedIsOneFromThenOn() {
    var table = Self.table([0...2, 3...4, 1...1])
    let merged = [table.merge(Self.stored(0), Self.stored(1)), table.merge(Self.stored(1), Self.stored(0))]
    #expect(merged == [true, true])
    #expect(table.identifier(of: Self.stored(0)) == table.identifier(of: Self.stored(1)))
    #expect(!Self.merges(table, 1, 2), "0 is alive at 1")
    #expect(table.roots.count == 2)
  }

  @Test func homesMustAgree() {
    let slot = StorageHome.slot(stack: Graph.Value(9), loop: 0, positions: 2...8)
    #expect(!Self.merges(Self.table([0...1, 3...4], homes: [.parameter(0), .parameter(1)])))
    #expect(Self.merges(Self.table([0...1, 3...4], homes: [.parameter(0), .arena])))
    #expect(!Self.merges(Self.table([0...1, 3...4], homes: [.arena, slot])), "it lives outside of the loop")
    #expect(Self.merges(Self.table([5...6, 3...4], homes: [.arena, slot])))
  }
}
