import Recurve

/// One of the models that are compared, all alike but for their layers.
public struct ComputeArm: Sendable, Hashable {
  /// "recurrent x 4".
  public let name: String
  public let sizes: MaskedLanguageModel.Sizes

  /// The model with layers of its own; one layer applied as often, which computes as much with fewer weights; one wide layer
  /// applied as often, which has as many weights; one layer applied more and less often.
  ///
  /// - Parameters:
  ///   - sizes: of the first.
  ///   - depths: of the recurrent models.
  public static func all(_ sizes: MaskedLanguageModel.Sizes, depths: [Int]) -> [ComputeArm] {
    var (layers, wide) = (sizes, sizes)
    layers.variant = .bert
    (wide.variant, wide.inner) = (.recurrent, matchedInner(sizes))
    return [ComputeArm(name: "bert x \(sizes.depth)", sizes: layers)]
      + depths.map { depth in
        var own = sizes
        (own.variant, own.depth) = (.recurrent, depth)
        return ComputeArm(name: "recurrent x \(depth)", sizes: own)
      } + [ComputeArm(name: "wide recurrent x \(sizes.depth)", sizes: wide)]
  }

  /// The inner width at which one layer has as many weights as all layers together, to the next multiple of 32, which
  /// products like.
  static func matchedInner(_ sizes: MaskedLanguageModel.Sizes) -> Int {
    let missing = (sizes.depth - 1) * sizes.layerWeightCount
    let perInner = 2 * sizes.width + 1
    return max(32, Int((Double(sizes.inner + missing / perInner) / 32).rounded()) * 32)
  }
}

/// What a step of an arm costs, by the compiler's plan.
public struct ComputePrice: Sendable, Codable {
  public var arm: String
  public var applications: Int
  public var weights: Int
  /// Floating-point operations of a training step.
  public var flops: Int
  /// Bytes that a training step computes in, by gradient mode; of models without recursion the full one alone.
  public var plannedBytes: [String: Int]

  private enum CodingKeys: String, CodingKey {
    case arm, applications, weights, flops
    case plannedBytes = "planned_bytes"
  }

  /// Of recursion: all of it, two ways to compute it again, and a part.
  public static let modes: [GradientMode] = [.full, .checkpointed(every: 1), .revolve(slots: 3), .last(1)]

  /// - Parameters:
  ///   - batch: sequences of a step.
  ///   - optimizer: whose update is a part of the step.
  public init(_ arm: ComputeArm, batch: Int, _ optimizer: Optimizer, _ options: CompilerOptions) throws {
    (self.arm, applications, weights, flops, plannedBytes) = (arm.name, arm.sizes.depth, 0, 0, [:])
    for mode in arm.sizes.variant == .recurrent ? Self.modes : [.full] {
      let model = MaskedLanguageModel(arm.sizes, batch: batch, gradient: mode)
      let traced = try model.traced(name: "masked-language-model")
      let plan = try Compiler.plan(try TrainingStep(traced.graph, optimizer).graph, options.naming(traced))
      plannedBytes["\(mode)"] = plan.memory.arenaByteCount
      if mode == .full { (weights, flops) = (traced.weightCount, plan.schedule.flops.values.reduce(0, +)) }
    }
  }
}
