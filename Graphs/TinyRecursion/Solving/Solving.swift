import Foundation
import Recurve

/// A trained model that is asked one puzzle at a time, and shows its answer after every supervision step.
public final class Solving {
  /// What the model holds true after a supervision step.
  public struct Thought: Sendable, Hashable {
    /// From 1.
    public var step: Int
    /// The likeliest token of each cell, `[S]`.
    public var tokens: [Int32]
    /// How likely each of these is, by the model, `[S]`.
    public var certainties: [Double]
    /// The probability that all cells are right, by the model; above one half it stops.
    public var haltingProbability: Double
  }

  public let sizes: TinyRecursion.Sizes
  private let program: ModelProgram

  /// - Parameter weights: a checkpoint or a file of weights alone; averages stand for weights where there are some.
  /// - Throws: `SafetensorsError` for a file that cannot be read, `CheckpointError` for weights of other sizes.
  public init(
    _ sizes: TinyRecursion.Sizes, weights path: String, _ options: CompilerOptions = CompilerOptions()
  ) throws {
    var sizes = sizes
    sizes.batch = 1
    self.sizes = sizes
    let model = TinyRecursion(sizes, gradient: .none)
    let store = try ParameterStore(model)
    try store.loadAll(path)
    program = try store.program("solve", options) { io in
      let tokens = io("tokens", ["B": 1, "S": sizes.cells], .int32)
      let thought = model.think(io, tokens, io("fresh", ["B": 1], .bool))
      thought.answer.state.next = thought.answer.next
      thought.latent.state.next = thought.latent.next
      return ["logits": thought.logits, "score": thought.score]
    }
  }

  /// The thoughts on a question, until the model says that it is done or the supervision steps are used up.
  ///
  /// - Parameters:
  ///   - tokens: of the question, `[S]`.
  ///   - steps: as many thoughts, whatever the model says; nil leaves it to the model.
  ///   - observe: shown every thought as it comes.
  public func thoughts(
    on tokens: [Int32], steps: Int? = nil, observe: (Thought) throws -> Void = { _ in }
  ) throws -> [Thought] {
    let session = Session()
    var thoughts: [Thought] = []
    for step in 1...(steps ?? sizes.supervisionSteps) {
      let results = try program(
        [
          "tokens": HostTensor(Shape([1, sizes.cells]), tokens),
          "fresh": HostTensor(Shape([1]), .bool([step == 1])),
        ], in: session)
      let thought = thought(step, results["logits"]?.floats ?? [], results["score"]?.doubles[0] ?? -.infinity)
      thoughts.append(thought)
      try observe(thought)
      if steps == nil && thought.haltingProbability > 0.5 { break }
    }
    return thoughts
  }

  private func thought(_ step: Int, _ logits: [Float], _ score: Double) -> Thought {
    let chosen = (0..<sizes.cells).map { cell -> (token: Int32, certainty: Double) in
      let weights = logits[cell * sizes.vocabulary..<(cell + 1) * sizes.vocabulary].map { weight(Double($0)) }
      let best = weights.indices.max { weights[$0] < weights[$1] } ?? 0
      return (Int32(best), weights[best] / weights.reduce(0, +))
    }
    return Thought(
      step: step, tokens: chosen.map(\.token), certainties: chosen.map(\.certainty),
      haltingProbability: 1 / (1 + exp(-score)))
  }

  /// What a logit is in proportion to, as in the loss: stablemax or softmax.
  private func weight(_ logit: Double) -> Double {
    if !sizes.usesStablemax { return exp(logit) }
    return logit < 0 ? 1 / (1 - logit) : logit + 1
  }
}

/// The weights that come with the model.
public enum ShippedWeights {
  /// Sizes that were trained, and the file of their weights.
  public static let sudoku4x4: (sizes: TinyRecursion.Sizes, file: String) = {
    var sizes = TinyRecursion.Sizes.nano
    sizes.variant = .mixer
    return (sizes, "sudoku-4x4.safetensors")
  }()

  /// Where a file of weights lies: in the folder of resources beside the executable, or where the sources were built.
  ///
  /// - Throws: `ShippedWeightsError` with both places.
  public static func path(_ file: String) throws -> String {
    let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let places = [
      executable.deletingLastPathComponent().appendingPathComponent("Recurve_TinyRecursion.resources/Weights"),
      sources.appendingPathComponent("Weights"),
    ].map { $0.appendingPathComponent(file).path }
    guard let found = places.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      throw ShippedWeightsError(places: places)
    }
    return found
  }
}

/// Weights that are not where they belong.
public struct ShippedWeightsError: Error, Hashable, CustomStringConvertible {
  public var places: [String]

  public var description: String {
    "the weights that come with the model are missing; looked for \(places.joined(separator: " and "))"
  }
}
