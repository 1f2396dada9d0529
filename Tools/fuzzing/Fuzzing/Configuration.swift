import CodeGeneration
import Compilation
import KernelIR
import Transforms

/// One way to compile a program.
public struct Configuration: Hashable, Sendable, Codable {
  public var workerCount = 1
  public var fuses = true
  public var streams = Streams.standard
  /// Whether everything is divided among workers, stored around the caches, and computed again, however small it is.
  public var hasLowThresholds = false
  /// Position of a pass of the standard pipeline that is left out.
  public var leftOutPass: Int?
  /// Of the C compiler.
  public var optimization = 3
  /// Whether a run is watched for lost values as well.
  public var isWatched = false

  /// When kernels share a launch.
  public enum Streams: String, Hashable, Sendable, Codable, CaseIterable { case never, standard, smallest }

  public init(
    workerCount: Int = 1, fuses: Bool = true, streams: Streams = .standard, hasLowThresholds: Bool = false,
    leftOutPass: Int? = nil, optimization: Int = 3, isWatched: Bool = false
  ) {
    self.workerCount = workerCount
    self.fuses = fuses
    self.streams = streams
    self.hasLowThresholds = hasLowThresholds
    self.leftOutPass = leftOutPass
    self.optimization = optimization
    self.isWatched = isWatched
  }

  /// The passes that may be left out; the others are needed for anything to compile.
  public static let dispensablePasses: [Int] = {
    let needed = [Pass.decomposition.name, Pass.checkpointInlining.name]
    return Pipeline.standard.passes.indices.filter { !needed.contains(Pipeline.standard.passes[$0].name) }
  }()

  public var pipeline: Pipeline {
    let passes = Pipeline.standard.passes
    let recomputation = Pass.recomputation(ofAtLeast: hasLowThresholds ? 0 : Pass.worthComputingAgain)
    return Pipeline(
      passes.indices.filter { $0 != leftOutPass }
        .map { passes[$0].name == recomputation.name ? recomputation : passes[$0] })
  }

  public var options: CompilerOptions {
    let limits: StreamLimits? =
      switch streams {
      case .never: nil
      case .standard: Target.generated.streams
      case .smallest: Self.smallestStreams
      }
    var target = Target.generated.streaming(limits)
    if hasLowThresholds { (target.parallelThreshold, target.uncachedByteCount) = (1, 0) }
    return CompilerOptions(
      workerCount: workerCount, pipeline: pipeline, toolchain: Toolchain.find()?.optimizing(optimization), fuses: fuses,
      target: target)
  }

  /// Groups form wherever they can, in loops as well, and every tile is one panel of rows.
  public static let smallestStreams: StreamLimits = {
    var limits = StreamLimits()
    (limits.fewestRows, limits.fewestMatrices, limits.fewestFlops, limits.tileByteCount) = (1, 1, 0, 0)
    (limits.loopTileByteCount, limits.fewestTileOperations, limits.mostImbalance) = (0, 0, .infinity)
    return limits
  }()
}

extension Configuration: CustomStringConvertible {
  /// `2 workers, fused, smallest groups, low thresholds, without cse, -O3`
  public var description: String {
    let passes = Pipeline.standard.passes
    let left = leftOutPass.map { ", without \(passes[$0].name)" } ?? ""
    let thresholds = hasLowThresholds ? ", low thresholds" : ""
    return
      "\(workerCount) workers, \(fuses ? "fused" : "not fused"), \(streams.rawValue) groups\(thresholds)\(left), -O\(optimization)\(isWatched ? ", watched" : "")"
  }
}
