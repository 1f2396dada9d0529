import Recurve
import Testing

@testable import MaskedLanguageModel

/// What is drawn: which places, and what stands there.
@Suite struct MaskingTests {
  private static let (batch, length, count, mask) = (64, 32, 5, 50)

  /// Weights that no masking reads.
  private struct Nothing: Sendable {}

  private struct Draw {
    let before: [Int32]
    let after: [Int32]
    let places: [Int]
    let labels: [Int32]
  }

  private static func draws(_ runs: Int, seed: Int32 = 3) throws -> [Draw] {
    let masking = Masking(count: count, mask: mask)
    let program = try ParameterStore(Nothing(), seed: 1).program("masked") { io in
      let masked = masking(io("shown", [batch, length], .int32))
      return ["tokens": masked.tokens, "places": masked.places, "labels": masked.labels]
    }
    let before = (0..<Int32(batch * length)).map { $0 % Int32(mask) }
    let session = Session(seed: seed)
    return try (0..<runs).map { _ in
      let found = try program(["shown": HostTensor([batch, length], before)], in: session)
      return Draw(
        before: before, after: try #require(found["tokens"]).integers,
        places: try #require(found["places"]).integers.map { Int($0) }, labels: try #require(found["labels"]).integers)
    }
  }

  @Test func asManyPlacesOfEachSequenceAreMasked() throws {
    for draw in try Self.draws(4) {
      #expect(Set(draw.places).count == Self.batch * Self.count)
      for row in 0..<Self.batch {
        #expect(draw.places[row * Self.count..<(row + 1) * Self.count].allSatisfy { $0 / Self.length == row })
      }
      #expect(draw.labels == draw.places.map { draw.before[$0] })
      let changed = draw.before.indices.filter { draw.before[$0] != draw.after[$0] }
      #expect(Set(changed).isSubset(of: draw.places))
    }
  }

  /// 80 % [MASK], 10 % another token, 10 % the same, each within four deviations; every token and every place comes up.
  @Test func sharesAreThoseOfThePaper() throws {
    let draws = try Self.draws(40)
    let pairs = draws.flatMap { draw in draw.places.map { (old: draw.before[$0], new: draw.after[$0]) } }
    let total = Double(pairs.count)
    func expect(_ count: Int, _ share: Double) {
      let deviation = (share * (1 - share) / total).squareRoot()
      #expect(abs(Double(count) / total - share) < 4 * deviation, "\(Double(count) / total), needs \(share)")
    }
    expect(pairs.count { $0.new == Int32(Self.mask) }, 0.8)
    let others = pairs.filter { $0.new != Int32(Self.mask) }
    // One in fifty of the tokens at random is the one that was there.
    expect(others.count { $0.new != $0.old }, 0.1 * 49 / 50)
    expect(others.count { $0.new == $0.old }, 0.1 + 0.1 / 50)
    #expect(Set(others.filter { $0.new != $0.old }.map(\.new)) == Set(0..<Int32(Self.mask)))
    for place in 0..<Self.length {
      expect(draws.flatMap(\.places).count { $0 % Self.length == place }, 1 / Double(Self.length))
    }
  }

  /// What stands between documents is asked for where nothing else is left.
  @Test func endsAreChosenLast() throws {
    let masking = Masking(count: 3, mask: 9, end: 8)
    let program = try ParameterStore(Nothing(), seed: 1).program("masked") { io in
      ["labels": masking(io("shown", [2, 6], .int32)).labels]
    }
    let session = Session(seed: 5)
    for _ in 0..<20 {
      let shown = HostTensor([2, 6], [8, 1, 8, 2, 8, 3, 8, 8, 4, 8, 8, 8] as [Int32])
      let labels = try #require(try program(["shown": shown], in: session)["labels"]).integers
      #expect(labels.prefix(3).sorted() == [1, 2, 3] && labels.suffix(3).sorted() == [4, 8, 8])
    }
  }

  @Test func eachStepMasksAnewAndTheSameSeedAlike() throws {
    let (draws, again, other) = (try Self.draws(3), try Self.draws(3), try Self.draws(3, seed: 4))
    #expect(draws.map(\.places) == again.map(\.places) && draws.map(\.after) == again.map(\.after))
    #expect(Set(draws.map(\.places) + other.map(\.places)).count == 6)
  }
}
