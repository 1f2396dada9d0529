import Recurve
import Testing

/// A weight's name is the path that leads to it, the same in every process.
@Suite struct WeightPathTests {
  class Base: @unchecked Sendable {
    let gain = Weight([2], .constant(1))
  }
  final class Derived: Base, @unchecked Sendable {
    let shift = Weight([2], .zeros)
  }

  enum Mixer: Sendable {
    case both(Weight, scale: Weight)
    case none
  }

  struct Layered: Model {
    let object = Derived()
    let mixer = Mixer.both(Weight([2], .zeros), scale: Weight([2], .zeros))
    let pair = (Weight([2], .zeros), named: Weight([2], .zeros))
    let maybe: Weight? = Weight([2], .zeros)
    let list = [Weight([2], .zeros), nil, Weight([2], .zeros)]
    let shared: Weight

    init() { shared = object.gain }

    func step(_ inputs: Inputs) -> Step {
      var sum = object.gain.tensor + object.shift.tensor + pair.0.tensor + pair.named.tensor + shared.tensor
      if case .both(let first, let scale) = mixer { sum = sum + first.tensor + scale.tensor }
      for weight in [maybe] + list { if let weight { sum = sum + weight.tensor } }
      return Step(loss: sum.sum())
    }
  }

  @Test func pathsAreWhatTheAuthorWrote() throws {
    let names = try Layered().traced(name: "layered").weights.map(\.name).sorted()
    #expect(
      names == [
        "list.0", "list.2", "maybe", "mixer.both.0", "mixer.both.scale", "object.gain", "object.shift", "pair.0",
        "pair.named",
      ])
  }

  struct Keyed: Model {
    let parts: [String: Weight]

    func step(_ inputs: Inputs) -> Step {
      Step(loss: parts.sorted { $0.key < $1.key }.map(\.value.tensor).reduce(inputs("x", [3]), +).sum())
    }
  }

  /// The order of a dictionary differs between processes, and between ways to fill it.
  @Test func dictionariesGiveTheSameBitsInWhateverOrder() throws {
    let keys = ["b", "a", "e", "d", "c"]
    var seen: [[String: HostTensor]] = []
    for (turn, order) in [keys, keys.reversed(), keys.sorted()].enumerated() {
      var parts: [String: Weight] = [:]
      if turn > 0 { parts.reserveCapacity(64 << turn) }
      for key in order { parts[key] = Weight([3], .normal(standardDeviation: 1)) }
      let initial = try Keyed(parts: parts).traced(name: "keyed").initialWeights(seed: 5)
      seen.append(Dictionary(uniqueKeysWithValues: initial))
    }
    #expect(seen[0].keys.sorted() == ["parts.a", "parts.b", "parts.c", "parts.d", "parts.e"])
    #expect(seen.allSatisfy { $0 == seen[0] })
    #expect(seen[0]["parts.a"] != seen[0]["parts.b"])
  }

  struct AnyModel: Model {
    let content: any Sendable
    let used: [Weight]

    func step(_ inputs: Inputs) -> Step { Step(loss: used.map(\.tensor).reduce(inputs("x", [2]), +).sum()) }
  }
  struct TextKey: Hashable, CustomStringConvertible {
    let number: Int
    let description = "key"
  }
  final class Node: @unchecked Sendable {
    let weight = Weight([2], .zeros)
    var next: Node?
  }

  @Test func whatHasNoStablePathIsRefused() {
    let line = #line + 1
    let weight = Weight([2], .zeros)
    let place = "ModelingTests/WeightPathTests.swift:\(line): "
    let set = AnyModel(content: Set([Wrapped(weight)]), used: [])
    #expect(
      DraftedModel.message(of: set) == place
        + "'content' is a set, which has no order: its weights have no names; use an array or a dictionary")
    let keys = AnyModel(content: [TextKey(number: 0): Weight([2], .zeros), TextKey(number: 1): weight], used: [])
    #expect(
      DraftedModel.message(of: keys).contains(
        "two keys of 'content' read 'key': their weights have no names of their own"))
    let node = Node()
    node.next = Node()
    node.next?.next = node
    #expect(
      DraftedModel.message(of: AnyModel(content: node, used: []))
        .contains("'content.next.next' leads back to 'content': weights on a cycle have no names"))
    node.next?.next = nil
    let clash = AnyModel(content: ["a.b": Weight([2], .zeros), "a": ["b": weight]] as [String: any Sendable], used: [])
    #expect(DraftedModel.message(of: clash).contains("two weights are called 'content.a.b'"))
  }

  struct Wrapped: Hashable {
    let weight: Weight
    init(_ weight: Weight) { self.weight = weight }
    static func == (left: Self, right: Self) -> Bool { left.weight === right.weight }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(weight)) }
  }

  @Test func weightsOutsideTheModelAreRefused() {
    let file = "ModelingTests/WeightPathTests.swift"
    let line = #line + 1
    let weight = Weight([2], .zeros)
    let captured = DraftedModel.message { _ in
      weight.tensor
    }
    #expect(
      captured == "\(file):\(line + 2): a weight has no name, made at \(file):\(line): "
        + "no stored property of the model leads to it")
    let made = #line + 2
    let inside = DraftedModel.message { _ in
      Weight([2], .zeros).tensor
    }
    #expect(
      inside == "\(file):\(made): a weight is made while the model is traced, made at \(file):\(made); "
        + "make it with the layer that owns it")
  }

  @Test func weightsNeedTheirValues() {
    let model = DraftedLayers(weight: Weight([2, 3], .values([1, 2, 3])))
    #expect(DraftedModel.message(of: model).contains("weight 'weight' needs 6 values for [2, 3], got 3, made at "))
    let large = DraftedLayers(weight: Weight([1 << 40, 1 << 40], .zeros))
    #expect(DraftedModel.message(of: large).contains("more than 2^47 bytes"))
    let negative = DraftedLayers(weight: Weight([-2, 3], .zeros))
    #expect(DraftedModel.message(of: negative).contains("extents must not be negative, got -2 in f32[-2, 3]"))
  }

  struct DraftedLayers: Model {
    let weight: Weight
    func step(_ inputs: Inputs) -> Step { Step(loss: weight.tensor.sum()) }
  }
}
