import Interchange
import Recurve
import TestSupport
import Testing

@testable import Training

/// Weights from files of other models and other trainers.
@Suite struct StoreFileTests {
  private struct Base {
    let backbone = StoreTests.Reader()
    let head = Linear(8, 2)
  }

  private struct Other {
    let encoder = StoreTests.Reader()
    let head = Linear(8, 3)
  }

  /// A checkpoint of a trainer with averages.
  private static func checkpoint(_ path: String) throws -> Trainer {
    let base = Base()
    let store = try ParameterStore(base, seed: 1)
    let trainer = try Trainer(store, "pretrain", optimizer: .adam().averaging(0.5), learningRate: 0.1, StoreTests.one) {
      Step(loss: StoreTests.loss(base.backbone, $0, 2) + base.head.weight.tensor.sum() * 0)
    }
    for _ in 0..<3 { try trainer.step(StoreTests.batch(2)) }
    try trainer.save(to: path)
    return trainer
  }

  @Test func anotherModelTakesWhatItKnows() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/base.safetensors"
      let trainer = try Self.checkpoint(path)
      let store = try ParameterStore(Other(), seed: 2)
      let before = store.tensors
      let report = try store.load(path, only: "encoder.**", renaming: ["backbone": "encoder"])
      #expect(
        "\(report)" == """
          taken: 4 (encoder.mix.bias from backbone.mix.bias, encoder.mix.weight from backbone.mix.weight, \
          encoder.output.weight from backbone.output.weight, encoder.rows.table from backbone.rows.table)
          not taken from the file: 1 (head.weight)
          kept as they were: 1 (head.weight)
          """)
      #expect(store["encoder.rows.table"] == trainer.weights["backbone.rows.table"])
      #expect(store["head.weight"] == before["head.weight"])
      try store.load(path, only: "encoder.mix.*", renaming: ["backbone": "encoder"], weights: .averaged)
      #expect(store["encoder.mix.weight"] == trainer.averagedWeights["backbone.mix.weight"])
      #expect(store["encoder.rows.table"] == trainer.weights["backbone.rows.table"])
    }
  }

  /// A part of a model that is called like what optimizers keep is a part of the model.
  @Test func weightsCalledAverageAreWeights() throws {
    struct Twice {
      struct Inner { let head = Linear(2, 3) }
      let head = Linear(2, 3)
      let average = Inner()
    }
    try withTemporaryFolder { folder in
      let path = folder + "/weights.safetensors"
      let store = try ParameterStore(Twice(), seed: 1)
      try store.save(to: path)
      let other = try ParameterStore(Twice(), seed: 2)
      try other.load(path, weights: .averaged)
      #expect(other.tensors == store.tensors && store["head.weight"] != store["average.head.weight"])
    }
  }

  @Test func whatDoesNotFitChangesNothing() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/base.safetensors"
      _ = try Self.checkpoint(path)
      let store = try ParameterStore(Other(), seed: 2)
      let before = store.tensors
      let shape = error { try store.load(path, renaming: ["backbone": "encoder"]) }
      #expect(shape.hasSuffix("  'head.weight' is f32[2, 8], 'head.weight' needs f32[3, 8]"))
      let none = error { try store.load(path, only: "encoder.**") }
      #expect(none.hasSuffix("  it has nothing for 'encoder.**'"))
      let unknown = error { try store.load(path, only: "head.*", "haed.*") }
      #expect(unknown.contains("  no weight is called 'haed.*'\n"))
      let twice = error { try store.load(path, renaming: ["backbone.mix": "head", "backbone.output": "head"]) }
      #expect(twice.contains("'backbone.mix.weight' and 'backbone.output.weight' are both meant for 'head.weight'"))
      #expect(store.tensors == before)
    }
  }

  @Test func storesAreWrittenWithoutTrainers() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/weights.safetensors"
      let store = try ParameterStore(Base(), seed: 1)
      try store.save(to: path)
      #expect(try SafetensorsFile(path: path).tensors == store.tensors)
      let other = try ParameterStore(Base(), seed: 2)
      #expect(try other.load(path).taken.count == 5 && other.tensors == store.tensors)
      try other.set(["head.weight": HostTensor([2, 8], Array(repeating: Float.nan, count: 16))])
      #expect(error { try other.save(to: path) }.hasPrefix("weight 'head.weight' holds nan at [0, 0]"))
    }
  }
}
