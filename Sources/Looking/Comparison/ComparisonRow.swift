import Compilation

/// What one gradient mode costs and gives, at one depth.
public struct ComparisonRow: Codable, Sendable {
  public var model: String
  public var batch: Int
  /// Iterations of the outermost recursion.
  public var depth: Int
  public var mode: String
  /// Where it ran.
  public var engine: String
  /// Bytes of the step arena by the plan.
  public var plannedBytes: Int
  /// Bytes for what is computed on the way by the account of an engine that plans by itself; nil for others.
  public var engineTemporaryBytes: Int?
  /// From the step arena's beginning to one past the highest address that a run wrote; 0 on an engine without arena.
  public var highestBytes: Int
  /// Bytes of the step arena that a run wrote at least once.
  public var writtenBytes: Int
  /// Growth of the process's resident memory in a run that began without an arena, as the system counts it.
  public var residentGrowthBytes: Int
  /// Buffers of which a run does not write every byte; nil where there was no memory to look at each apart.
  public var partlyWritten: [BufferCoverage]?
  /// What a watched run looked at; nil where none was asked for.
  public var verification: VerificationReport?
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
  /// Between the shortest and the longest timed step, the tenth on either side left out, in units of the median.
  public var stepSpread: Double
  /// Why the time cannot be relied on; nil where nothing speaks against it.
  public var timeDoubt: String?
  public var loss: Double
  /// Cosine of the angle to the full gradient, all weights together.
  public var gradientCosine: Double
  /// Length of the gradient over the length of the full gradient.
  public var gradientNormRatio: Double
  /// The same for each weight.
  public var weights: [WeightFidelity]
  /// Weights that the loss does not depend on.
  public var disconnectedWeights: [String]

  /// A buffer that a run writes in part.
  public struct BufferCoverage: Codable, Sendable {
    public var name: String
    public var category: String
    public var bytes: Int
    public var writtenBytes: Int

    public init(name: String, category: String, bytes: Int, writtenBytes: Int) {
      (self.name, self.category, self.bytes, self.writtenBytes) = (name, category, bytes, writtenBytes)
    }

    enum CodingKeys: String, CodingKey {
      case name, category, bytes
      case writtenBytes = "written_bytes"
    }
  }

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
    case model, batch, depth, mode, engine, kernels, flops, loss, weights, verification
    case plannedBytes = "planned_bytes"
    case engineTemporaryBytes = "engine_temporary_bytes"
    case highestBytes = "highest_bytes"
    case writtenBytes = "written_bytes"
    case residentGrowthBytes = "resident_growth_bytes"
    case partlyWritten = "partly_written"
    case stepSpread = "step_spread"
    case timeDoubt = "time_doubt"
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
