import Foundation
import Interchange
import Recurve
import TestSupport
import Testing

@testable import TinyRecursion

/// Ours against the same model in PyTorch (`Tools/twins/tiny-recursion.py vectors`), in double precision there.
///
/// The attention variant has puzzles with vectors of their own and cells without a label, as ARC has them; the mixer neither.
@Suite struct TinyRecursionTwinTests {
  private static let variants = ["attention", "mixer"]
  /// Of norms, tensor by tensor.
  private static let tolerance = 1e-4

  private struct Extents: Decodable {
    var batch, cells, vocabulary, width, heads, inner, registers, layers, updates, cycles, puzzles: Int
    var rate, decay, average: Double
  }

  private struct Twin {
    let extents: Extents
    let file: [String: HostTensor]
    var sizes: TinyRecursion.Sizes

    init(_ variant: String) throws {
      let path = ReferenceTrajectories.path.deletingLastPathComponent().path + "/tiny-recursion-\(variant).safetensors"
      let read = try SafetensorsFile(path: path)
      file = read.tensors
      extents = try JSONDecoder().decode(Extents.self, from: Data(try #require(read.metadata["sizes"]).utf8))
      let side = Int(Double(extents.cells).squareRoot())
      sizes = TinyRecursion.Sizes(
        batch: extents.batch, side: side, width: extents.width, heads: extents.heads, inner: extents.inner,
        registers: extents.registers)
      (sizes.vocabulary, sizes.layers, sizes.puzzleCount) = (extents.vocabulary, extents.layers, extents.puzzles)
      (sizes.updates, sizes.cycles) = (extents.updates, extents.cycles)
      if extents.puzzles > 1 { sizes.puzzle = .arc }
      sizes.variant = try #require(TinyRecursion.Sizes.Variant(rawValue: variant))
    }

    /// Tensors whose names begin so, by the rest of their names.
    func tensors(_ beginning: String) -> [String: HostTensor] {
      let own = file.filter { $0.key.hasPrefix(beginning + ".") }
      return Dictionary(uniqueKeysWithValues: own.map { (String($0.key.dropFirst(beginning.count + 1)), $0.value) })
    }

    func inputs(_ step: Int) -> [String: HostTensor] {
      tensors("step.\(step)").filter { ["tokens", "labels", "fresh", "puzzles"].contains($0.key) }
    }

    /// Those of the model itself, which hold what no initializer draws.
    var weights: [String: HostTensor] {
      tensors("first").filter { !$0.key.hasSuffix("cosines") && !$0.key.hasSuffix("sines") }
    }
  }

  private func difference(_ found: HostTensor?, _ needed: HostTensor, from start: HostTensor? = nil) -> Double {
    guard let found, found.shape.extents == needed.shape.extents else { return .infinity }
    let start = start?.doubles ?? Array(repeating: 0, count: needed.doubles.count)
    let error = zip(found.doubles, needed.doubles).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let norm = zip(needed.doubles, start).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return norm == 0 ? error.squareRoot() : (error / norm).squareRoot()
  }

  @Test(arguments: variants) func oneStepThinksAsTheTwinDoes(_ variant: String) throws {
    let twin = try Twin(variant)
    let model = TinyRecursion(twin.sizes, gradient: .last(1))
    let store = try ParameterStore(model)
    for (name, table) in twin.tensors("first") where name.hasSuffix("sines") {
      #expect(difference(store[name], table) < Self.tolerance, "\(name)")
    }
    try store.set(twin.weights)
    let program = try store.program("forward", CompilerOptions(workerCount: 1)) { io in
      let tokens = io("tokens", ["B": twin.sizes.batch, "S": twin.sizes.cells], .int32)
      let thought = model.think(io, tokens, io("fresh", ["B": twin.sizes.batch], .bool))
      return [
        "logits": thought.logits, "score": thought.score, "answer": thought.answer.next, "latent": thought.latent.next,
      ]
    }
    let found = try program(twin.inputs(0).filter { $0.key != "labels" })
    for name in ["logits", "score", "answer", "latent"] {
      let needed = try #require(twin.file["step.0.\(name)"])
      #expect(difference(found[name], needed) < Self.tolerance, "\(name)")
    }
  }

  @Test(arguments: [("last-1", nil), ("last-2", nil), ("full", nil), ("one-step", 1)] as [(String, Int?)], variants)
  func gradientModesAgree(_ mode: (name: String, updates: Int?), _ variant: String) throws {
    let twin = try Twin(variant)
    let needed = twin.tensors("gradient.\(mode.name)")
    // The mixer's file has two modes, to be small.
    if needed.isEmpty { return #expect(variant == "mixer" && ["last-2", "one-step"].contains(mode.name)) }
    var sizes = twin.sizes
    if let updates = mode.updates { sizes.latentGradient = .last(updates) }
    let reach: [String: GradientMode] = ["last-2": .last(2), "full": .full]
    let model = TinyRecursion(sizes, gradient: reach[mode.name] ?? .last(1))
    let store = try ParameterStore(model)
    try store.set(twin.weights)
    let program = try store.gradients("gradients", CompilerOptions(workerCount: 1)) { model.step($0) }
    let found = try program(twin.inputs(0))
    for (name, gradient) in needed {
      #expect(difference(found["gradient.\(name)"], gradient) < Self.tolerance, "\(name)")
    }
    #expect(difference(found["loss"], try #require(twin.file["step.0.loss"])) < 1e-5)
  }

  @Test(arguments: variants) func threeUpdatesAgree(_ variant: String) throws {
    let twin = try Twin(variant)
    let recipe = Optimizer.adamATan2(decay: twin.extents.decay).averaging(twin.extents.average)
    let trainer = try Trainer(
      TinyRecursion(twin.sizes, gradient: .last(1)), optimizer: TinyRecursion.optimizer(recipe, twin.sizes),
      learningRate: LearningRate(twin.extents.rate), CompilerOptions(workerCount: 1))
    try trainer.setWeights(twin.weights)
    var targets: Set<Double> = []
    for step in 0..<3 {
      let found = try trainer.step(twin.inputs(step))
      let needed = twin.tensors("step.\(step)")
      for (ours, theirs) in [("loss", "loss"), ("halting_score", "score"), ("solved", "solved")] {
        #expect(difference(found[ours], try #require(needed[theirs])) < Self.tolerance, "\(ours), step \(step)")
      }
      for state in ["answer", "latent"] {
        let kept = try trainer.program.parameter(state)
        #expect(difference(kept, try #require(needed[state])) < Self.tolerance, "\(state), step \(step)")
      }
      targets.formUnion(needed["solved"]?.doubles ?? [])
    }
    #expect(targets == [0, 1], "both halting targets occur")
    for (name, tensor) in twin.tensors("after") {
      // What is compared is how far a weight has come, not where it is.
      let first = twin.weights[name]
      #expect(difference(trainer.weights[name], tensor, from: first) < Self.tolerance, "\(name)")
    }
    for (name, tensor) in twin.tensors("average") {
      #expect(difference(trainer.averagedWeights[name], tensor, from: twin.weights[name]) < Self.tolerance, "\(name)")
    }
  }
}
