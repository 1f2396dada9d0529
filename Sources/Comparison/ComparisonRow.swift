/// What one gradient mode costs and gives, at one depth.
public struct ComparisonRow: Codable, Sendable {
  public var model: String
  public var batch: Int
  /// Iterations of the outermost recursion.
  public var depth: Int
  public var mode: String
  /// Bytes of the step arena by the plan.
  public var plannedBytes: Int
  /// Bytes of the step arena that a run touched; 0 for the reference evaluation, which has no arena.
  public var measuredBytes: Int
  /// Largest sum of bytes alive at one time: no plan is below.
  public var lowerBoundBytes: Int
  /// Bytes that the forward part leaves for the backward part.
  public var residualBytes: Int
  /// Bytes of weights, states and inputs.
  public var persistentBytes: Int
  /// Distinct compiled functions.
  public var kernels: Int
  /// Steps of the plan, loop bodies counted once.
  public var planSteps: Int
  /// Floating-point operations of one step.
  public var flops: Int
  /// Share of them that computes something for the second time.
  public var recomputeShare: Double
  public var compileSeconds: Double
  /// Median time of one step.
  public var secondsPerStep: Double
  public var loss: Double
  /// Cosine of the angle to the full gradient, all weights together.
  public var gradientCosine: Double
  /// Length of the gradient over the length of the full gradient.
  public var gradientNormRatio: Double
  /// The same for each weight.
  public var weights: [WeightFidelity]
  /// Weights that the loss does not depend on.
  public var disconnectedWeights: [String]

  /// How the gradient of one weight compares with the full one.
  public struct WeightFidelity: Codable, Sendable {
    public var name: String
    public var cosine: Double
    public var normRatio: Double

    enum CodingKeys: String, CodingKey {
      case name, cosine
      case normRatio = "norm_ratio"
    }
  }

  enum CodingKeys: String, CodingKey {
    case model, batch, depth, mode, kernels, flops, loss, weights
    case plannedBytes = "planned_bytes"
    case measuredBytes = "measured_bytes"
    case lowerBoundBytes = "lower_bound_bytes"
    case residualBytes = "residual_bytes"
    case persistentBytes = "persistent_bytes"
    case planSteps = "plan_steps"
    case recomputeShare = "recompute_share"
    case compileSeconds = "compile_seconds"
    case secondsPerStep = "seconds_per_step"
    case gradientCosine = "gradient_cosine"
    case gradientNormRatio = "gradient_norm_ratio"
    case disconnectedWeights = "disconnected_weights"
  }
}
