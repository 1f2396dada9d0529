import Foundation
import Recurve

/// Words drawn by their counts to the power of 3/4 (Mikolov et al. 2013, section 2.2).
///
/// Walker's alias method (1977) in Vose's form (1991): one random number and one comparison for each draw.
struct NoiseDistribution: Sendable {
  /// Of each place: the share of it that is its own word's, of 2^32; the rest is the alias's.
  private let shares: [UInt64]
  private let aliases: [Int32]

  static let power = 0.75

  init(counts: [Int]) {
    let weights = counts.map { pow(Double($0), Self.power) }
    let scale = Double(counts.count) / weights.reduce(0, +)
    var rest = weights.map { $0 * scale }
    var aliases = counts.indices.map(Int32.init)
    var small = rest.indices.filter { rest[$0] < 1 }
    var large = rest.indices.filter { rest[$0] >= 1 }
    while let lower = small.popLast(), let upper = large.last {
      aliases[lower] = Int32(upper)
      rest[upper] -= 1 - rest[lower]
      if rest[upper] < 1 { small.append(large.removeLast()) }
    }
    shares = rest.indices.map { aliases[$0] == $0 ? 1 << 32 : UInt64(max(0, min(1, rest[$0])) * 0x1p32) }
    self.aliases = aliases
  }

  func draw(_ random: inout CounterRandom) -> Int32 {
    let (place, fraction) = random.next().multipliedFullWidth(by: UInt64(shares.count))
    return fraction >> 32 < shares[Int(place)] ? Int32(place) : aliases[Int(place)]
  }
}
