import GraphIR
import KernelIR
import Testing

@testable import Scheduling

/// How launches are divided among workers.
@Suite struct TeamTests {
  private static func team(_ workerCount: Int) -> Team {
    var target = Target(products: SampleProducts())
    (target.parallelThreshold, target.sharesPerWorker) = (1000, 2...4)
    return Team(workerCount: workerCount, target: target, graph: Graph(name: "empty"))
  }

  private static func product(_ rows: Int) -> Launch {
    let contraction = Contraction(
      elementType: .float32, batch: [],
      rows: [.init(extent: rows, leftStride: 8, rightStride: 0, resultStride: 8)],
      columns: [.init(extent: 8, leftStride: 0, rightStride: 1, resultStride: 1)],
      inner: [.init(extent: 8, leftStride: 1, rightStride: 8, resultStride: 0)], hasAccumulator: false)
    return Launch(body: .product(contraction), accesses: [], operations: [], role: .forward, position: 0)
  }

  @Test func smallLaunchesWakeNobody() {
    #expect(Self.team(4).shares(Self.product(62)) == 1, "7,936 operations")
    #expect(Self.team(4).shares(Self.product(63)) == 16, "no more than four for each worker")
    #expect(Self.team(1).shares(Self.product(63)) == 1)
  }

  @Test func scratchIsForThoseWhoRun() {
    #expect(Self.team(4).scratchByteCount(Self.product(62)) == 64)
    #expect(Self.team(4).scratchByteCount(Self.product(63)) == 256)
  }

  /// 40 rows are ten panels: with tiles of five there are two for each of two workers once they are cut.
  @Test func groupsAreCutIntoSharesOfTiles() {
    func launch(_ count: Int) -> Launch {
      let members = Array(repeating: Self.product(40), count: count)
      let group = LaunchGroup(members: members, rowCount: 40, panelRows: 4, locals: [], tilePanelCount: 5)
      return Launch(body: .group(group), accesses: [], operations: [], role: .forward, position: 0)
    }
    #expect(Self.team(2).shares(launch(2)) == 4, "10,240 operations")
    #expect(Self.team(2).shares(launch(1)) == 1, "5,120")
    #expect(Self.team(3).shares(launch(2)) == 1, "a tile for each worker is more than there is")
  }
}
