import Comparison
import Compilation
import DecoderTransformer
import Foundation
import Modeling
import Operators
import PJRT
import TensorTypes
import TestSupport
import Testing
import Text
import TinyRecursion
import Training

/// Weights and states that live on a plugin's device: what programs, checkpoints and people see of them.
@Suite(.enabled(if: Plugin.isThere), .serialized) struct ResidenceTests {
  private static func session(_ options: CompilerOptions) throws -> TrainingSession {
    let task = try TinyRecursion.family.make(
      ModelOptions(preset: "nano", variant: "attention", batch: 2, depth: 2, seed: 4))
    let optimizer = Optimizer.adamW().averaging(0.9)
    return try TrainingSession(task, optimizer: optimizer, learningRate: 1e-3, seed: 4, options)
  }

  private static func losses(_ session: TrainingSession, _ count: Int) throws -> [Double] {
    try (0..<count).map { _ in try session.step()["loss"]?.doubles[0] ?? .nan }
  }

  /// A run that goes on from engine to engine, by its checkpoints, has the losses of one that does not.
  @Test func checkpointsGoFromEngineToEngine() throws {
    let options = try Plugin.options()
    try withTemporaryFolder { folder in
      let expected = try Self.losses(try Self.session(options.native), 9)
      var found: [Double] = []
      for own in [options.native, options.plugin, options.native] {
        let session = try Self.session(own)
        if !found.isEmpty { try session.load(from: folder + "/checkpoint.safetensors") }
        #expect(session.stepCount == found.count)
        found += try Self.losses(session, 3)
        try session.save(to: folder + "/checkpoint.safetensors")
      }
      for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 1e-4 * b) }
    }
  }

  /// Two runs on the plugin have the same bits, also where one of them is interrupted by a checkpoint.
  @Test func resumedRunsOnThePluginHaveTheSameBits() throws {
    let options = try Plugin.options().plugin
    try withTemporaryFolder { folder in
      let whole = try Self.session(options)
      let expected = try Self.losses(whole, 6)
      let first = try Self.session(options)
      var found = try Self.losses(first, 3)
      try first.save(to: folder + "/checkpoint.safetensors")
      let second = try Self.session(options)
      try second.load(from: folder + "/checkpoint.safetensors")
      found += try Self.losses(second, 3)
      #expect(found == expected)
      for (name, tensor) in whole.trainer.weights { #expect(second.trainer.weights[name] == tensor, "\(name)") }
    }
  }

  /// Evaluation reads the averages that training keeps; weights that the host sets are trained from then on.
  @Test func hostAndDeviceSeeWhatTheOtherHasWritten() throws {
    let options = try Plugin.options()
    let session = try Self.session(options.plugin)
    _ = try Self.losses(session, 3)
    let (plugin, trainer) = (try session.validate(batches: 1), session.trainer)
    let own = try Self.session(options.native)
    _ = try Self.losses(own, 3)
    let native = try own.validate(batches: 1)
    #expect(plugin.map(\.name) == native.map(\.name))
    for (a, b) in zip(plugin, native) { #expect(abs(a.value - b.value) <= 1e-3 * max(1, abs(b.value))) }

    var weights = trainer.weights
    for (name, tensor) in weights { weights[name] = HostTensor(tensor.type, repeating: 0) }
    try trainer.setWeights(weights)
    _ = try Self.losses(session, 1)
    #expect(trainer.weights.values.contains { $0.doubles.contains { $0 != 0 } })
  }

  /// A decoder with its cache on the device chooses what one of compiled kernels chooses.
  @Test func decodersKeepTheirCacheOnTheDevice() throws {
    let options = try Plugin.options()
    var sizes = GPT.Sizes(width: 16, layers: 2, heads: 2, inner: 32, vocabulary: 11, context: 12)
    (sizes.positions, sizes.deviation) = (.rotary, 1)
    let gpt = GPT(sizes)
    let found = try [options.native, options.plugin].map { options in
      let decoder = try Decoder(gpt, try ParameterStore(gpt, seed: 9), batchSize: 3, capacity: 12, options)
      return try decoder.complete([[1, 2, 3], [4], [5, 6]], atMost: 20, keepsProbabilities: true)
    }
    #expect(found[0].map(\.tokens) == found[1].map(\.tokens) && found[0][0].tokens.count == 20)
    for (native, plugin) in zip(found[0], found[1]) {
      for (a, b) in zip(native.probabilities, plugin.probabilities) {
        let difference = ParityTests.difference(HostTensor([a.count], b), from: HostTensor([a.count], a))
        #expect(difference <= 2e-5)
      }
    }
  }

  /// A store that one engine trains and both read and write: each sees the newest weights.
  @Test func programsOfTwoEnginesShareAStore() throws {
    let options = try Plugin.options()
    let layer = Linear(4, 3, hasBias: true)
    let store = try ParameterStore(layer, seed: 1)
    func trainer(_ name: String, _ options: CompilerOptions) throws -> Trainer {
      try Trainer(store, name, optimizer: .gradientDescent(), learningRate: 0.1, options) { io in
        let error = layer(io("x", [8, 4])) - io("target", [8, 3])
        return Step(loss: (error * error).mean())
      }
    }
    let trainers = try [trainer("native", options.native), trainer("plugin", options.plugin)]
    let readers = try [options.native, options.plugin].enumerated().map { number, options in
      try store.program("answer\(number)", options) { io in ["y": layer(io("x", [8, 4]))] }
    }
    let x = HostTensor([8, 4], (0..<32).map { Float($0 % 7) / 7 })
    let batch = ["x": x, "target": HostTensor([8, 3], Array(repeating: Float(1), count: 24))]
    var losses: [Double] = []
    for step in 0..<8 {
      losses.append(try #require(trainers[step % 2].step(batch)["loss"]).doubles[0])
      let answers = try readers.map { try #require($0(["x": x])["y"]) }
      let weights = try #require(store["weight"])
      #expect(ParityTests.difference(answers[1], from: answers[0]) <= 2e-6)
      #expect(weights.doubles.allSatisfy { $0.isFinite })
    }
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 > $1 }, "\(losses)")
  }

  /// More of the depth is kept, more is needed: the order of the modes is the same by the plan and by the plugin.
  @Test func modesNeedMemoryInTheSameOrder() throws {
    let rows = try Comparison(
      family: TinyRecursion.family, options: ModelOptions(preset: "nano", variant: "attention", batch: 4, seed: 3),
      depths: [10],
      modes: [.full, .checkpointed(every: 1), .revolve(slots: 3), .last(1)],
      compilerOptions: try Plugin.options().plugin, repetitions: 1
    ).run()
    let bytes = rows.map { (planned: Double($0.plannedBytes), own: Double($0.engineTemporaryBytes ?? 0)) }
    // What the plan holds for the same within a few hundredths, the plugin may order otherwise.
    for (a, b) in bytes.flatMap({ a in bytes.map { (a, $0) } }) where a.planned > 1.05 * b.planned {
      #expect(a.own > b.own, "\(bytes)")
    }
    #expect(bytes.allSatisfy { (0.8...1.25).contains($0.own / $0.planned) }, "\(bytes)")
    let header = ComparisonTable.text(rows, depthName: "cycles").split(separator: "\n")[0]
    #expect(header.contains("planned") && header.contains("on pjrt"))
    #expect(rows.allSatisfy { $0.engine == "pjrt" && $0.engineTemporaryBytes ?? 0 > 0 && $0.highestBytes == 0 })
  }
}
