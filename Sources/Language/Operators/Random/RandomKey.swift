import KernelIR
import TensorTypes

extension Operator {
  /// The key of one draw of random numbers, from all that tells it apart from others.
  ///
  /// - Operands: `i32[2]`, a seed and how many runs there were before; `i32[]`, the iteration of the loops around, counted
  ///   over all of them.
  /// - Attributes: `site`, a number for the place in the model.
  /// - Shape: `i32[2], i32[] -> i32[2]`.
  public static let randomKey: Operator = Operator(
    name: "random_key", summary: "The key of one draw of random numbers.", kind: .constant,
    type: { signature in
      try signature.requireOperandCount(2, "random_key")
      let needed = [TensorType(.int32, [2]), TensorType(.int32, .scalar)]
      try signature.require(
        signature.operands == needed, "random_key.1",
        "needs \(needed[0]) and \(needed[1]), got \(signature.operands[0]) and \(signature.operands[1])")
      _ = try signature.requireInteger("site", "random_key.2")
      return [needed[0]]
    },
    gradient: .none("random numbers do not depend on numbers continuously"),
    semantics: .primitive(
      evaluate: { context in
        let (state, iteration) = (context.operands[0].integers, context.operands[1].integers[0])
        let site = words(ofSite: context.attributes.integer("site"))
        let run = Threefry.words(key: site, counter: (UInt32(bitPattern: state[0]), UInt32(bitPattern: state[1])))
        let key = Threefry.words(key: run, counter: (UInt32(bitPattern: iteration), 0))
        return [HostTensor([2], .int32([Int32(bitPattern: key.0), Int32(bitPattern: key.1)]))]
      },
      lower: { signature in
        let site = words(ofSite: signature.attributes.integer("site"))
        func number(_ word: UInt32) -> ScalarExpression { .number(Double(Int32(bitPattern: word)), .int32) }
        func state(_ position: Int) -> ScalarExpression { .element(0, [.fixed(position, rank: 1)]) }
        func run(_ word: Int) -> ScalarExpression {
          .apply(.threefry(word: word), [number(site.0), number(site.1), state(0), state(1)])
        }
        func key(_ word: Int) -> ScalarExpression {
          .apply(.threefry(word: word), [run(0), run(1), .element(1, []), number(0)])
        }
        return .map(.choose(.isWithin(.axis(0, of: 1), 0..<1), key(0), key(1)))
      }, export: Export.randomKey(siteWords: words)),
    samples: [
      OperatorSample(
        [TensorType(.int32, [2]), TensorType(.int32, .scalar)], ["site": .integer(-6_148_914_691_236_517_205)],
        domains: [.integers(1 << 30), .integers(1 << 30)])
    ])

  private static func words(ofSite site: Int) -> Threefry.Words {
    let bits = UInt64(bitPattern: Int64(site))
    return (UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits >> 32))
  }
}
