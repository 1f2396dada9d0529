import Recurve
import Testing

/// Several documents in one sequence, of which attention sees one at a time.
@Suite struct SegmentMaskTests {
  private static let one = CompilerOptions(workerCount: 1)

  /// Where documents of three, two and four positions begin; in the second sequence one goes on from before.
  private static let tokens: [Int32] = [0, 5, 6, 0, 7, 0, 8, 9, 1, 3, 4, 0, 5, 6, 7, 8, 9, 2]

  @Test func positionsOfADocumentSeeEachOther() throws {
    let program = try ParameterStore(Linear(1, 1), seed: 0).program("mask", Self.one) { io in
      ["mask": segmentMask(startingAt: io("tokens", [2, 9], .int32) .== 0).converted(to: .float32)]
    }
    let mask = try #require(program(["tokens": HostTensor([2, 9], Self.tokens)])["mask"])
    let documents = [[0, 0, 0, 1, 1, 2, 2, 2, 2], [0, 0, 1, 1, 1, 1, 1, 1, 1]]
    #expect(mask.shape == [2, 1, 9, 9])
    #expect(mask.doubles == documents.flatMap { row in row.flatMap { own in row.map { $0 == own ? 1 : 0 } } })
  }

  /// A document gives in company what it gives alone.
  @Test func documentsAreKeptApart() throws {
    let layer = SelfAttention(width: 8, heads: 2, reach: .causal)
    let store = try ParameterStore(layer, seed: 6)
    let rotary = RotaryPositions(size: 4)
    let packed = try store.program("packed", Self.one) { io in
      let mask = segmentMask(startingAt: io("tokens", [1, 9], .int32) .== 0)
      return ["y": layer(io("x", [1, 9, 8]), rotating: rotary, seeing: mask)]
    }
    let numbers = (0..<72).map { Float(($0 * 7) % 11 - 5) / 5 }
    let inputs = ["x": HostTensor([1, 9, 8], numbers), "tokens": HostTensor([1, 9], Array(Self.tokens.prefix(9)))]
    let found = try #require(packed(inputs)["y"]).doubles
    for range in [0..<3, 3..<5, 5..<9] {
      let alone = try store.program("alone\(range)", Self.one) { io in
        ["y": layer(io("x", [1, range.count, 8]), rotating: rotary)]
      }
      let part = HostTensor([1, range.count, 8], Array(numbers[range.lowerBound * 8..<range.upperBound * 8]))
      let needed = try #require(alone(["x": part])["y"]).doubles
      for (found, needed) in zip(found[range.lowerBound * 8..<range.upperBound * 8], needed) {
        #expect(abs(found - needed) < 1e-5, "\(range)")
      }
    }
  }

  @Test func whatTellsNothingApartIsRefused() {
    let found = DraftedModel.message { segmentMask(startingAt: $0("x", [2, 5])).converted(to: .float32) }
    #expect(found.contains("segments.1: needs booleans [B, L], where documents begin, got f32[2, 5]"), "\(found)")
  }
}
