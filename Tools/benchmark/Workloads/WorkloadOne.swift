import ArgumentParser
import Recurve

struct WorkloadOne: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "w1", abstract: "Training steps of a Tiny Recursive Model, as all peers run them.")

  @Option(help: "tiny, small or base.") var size: String = "small"
  @Option(help: "attn or mlp.") var variant: String = "attn"
  @Option(help: "full, detached or ckpt.") var mode: String = "full"
  @Option(help: "Cycles.") var depth: Int = 3
  @OptionGroup var options: WorkloadOptions

  func run() throws {
    let figures = try measure()
    try options.show(figures, figures.line("w1 \(size) \(variant) \(mode) T=\(depth)"))
  }

  func measure() throws -> TrainingFigures {
    try TrainingMeasurement(RecursionWorkload(model(), options), options).figures()
  }

  private func model() throws -> PeerModel {
    guard var sizes = PeerSizes.all.first(where: { $0.name == size }) else {
      throw ValidationError("--size got '\(size)', needs tiny, small or base")
    }
    guard let variant = PeerVariant(rawValue: variant) else {
      throw ValidationError("--variant got '\(variant)', needs attn or mlp")
    }
    guard depth >= 1 else { throw ValidationError("--depth got \(depth), needs at least 1") }
    sizes.depth = depth
    return PeerModel(sizes, variant, gradient: try gradient())
  }

  private func gradient() throws -> GradientMode {
    switch mode {
    case "full": .full
    case "detached": .last(1)
    case "ckpt": .checkpointed(every: 1)
    default: throw ValidationError("--mode got '\(mode)', needs full, detached or ckpt")
    }
  }
}

/// W1: forward, backward and AdamW of a Tiny Recursive Model.
struct RecursionWorkload: TrainingWorkload {
  let model: PeerModel
  let options: WorkloadOptions

  init(_ model: PeerModel, _ options: WorkloadOptions) { (self.model, self.options) = (model, options) }

  func step() throws -> TrainingStep { try TrainingStep(model.traced(name: "w1").graph, .peerAdamW) }

  func load(_ program: CompiledProgram) throws {
    let numbers = PeerNumbers(sizes: model.sizes, variant: model.variant)
    let tensors = try options.tensors(numbers.fileName, generated: numbers.generated)
    for (weight, file) in model.fileNames() { try program.set(weight, try tensors[file]) }
    for input in ["in.x", "in.y"] { try program.set(input, try tensors[input]) }
    try program.set(TrainingStep.rateName, HostTensor(.scalar, [Float(1e-4)]))
  }

  /// 2 m n k of every product: forward, twice that backward, and forward again where a cycle is recomputed.
  var contractionFlops: Int? {
    let s = model.sizes
    let (d, l, b, inner) = (s.width, s.length, s.batch, SwiGLU.inner(width: s.width))
    let mixing =
      model.variant == .attn
      ? 8 * b * l * d * d + 4 * b * l * l * d : 6 * b * d * l * SwiGLU.inner(width: l)
    let cycle = 2 * (6 * b * l * d * inner + mixing) * (s.updates + 1)
    let heads = 2 * b * l * d * s.vocabulary + 2 * b * d * 2
    let forward = s.depth * cycle + heads
    switch model.gradient {
    case .none: return forward
    case .last(let kept): return forward + 2 * (min(kept, s.depth) * cycle + heads)
    case .full, .revolve: return 3 * forward
    case .checkpointed: return 3 * forward + s.depth * cycle
    }
  }
}

extension Optimizer {
  /// The optimizer of W1, W3 and W4.
  static let peerAdamW = Optimizer.adamW(betas: (0.9, 0.95), epsilon: 1e-8, decay: 0.1)
}
