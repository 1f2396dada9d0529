import ArgumentParser
import DecoderTransformer
import Recurve

struct WorkloadThree: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "w3", abstract: "Training steps of a small GPT on sums, as all peers run them.")

  @Option(help: "Layers; the peers have 6.") var layers: Int = 6
  @OptionGroup var options: WorkloadOptions

  func validate() throws {
    guard layers >= 1 else { throw ValidationError("--layers got \(layers), needs at least 1") }
  }

  func run() throws {
    let figures = try measure()
    try options.show(figures, figures.line("w3"))
  }

  func measure() throws -> TrainingFigures { try measurement().figures() }

  func measurement() -> TrainingMeasurement {
    var sizes = GPTStep.sizes
    sizes.layers = layers
    return TrainingMeasurement(GPTWorkload(sizes, options), options)
  }
}

/// W3: forward, backward and AdamW of a GPT.
struct GPTWorkload: TrainingWorkload {
  let sizes: GPT.Sizes
  let options: WorkloadOptions

  init(_ sizes: GPT.Sizes, _ options: WorkloadOptions) { (self.sizes, self.options) = (sizes, options) }

  func step() throws -> TrainingStep {
    try TrainingStep(GPTStep(sizes, batch: GPTStep.batch).traced(name: "w3").graph, .peerAdamW)
  }

  func load(_ program: CompiledProgram) throws {
    let traced = try GPTStep(sizes, batch: GPTStep.batch).traced(name: "w3")
    for (name, tensor) in traced.values { try program.set(name, tensor) }
    let numbers = GPTNumbers(sizes, batch: GPTStep.batch)
    let tensors = try options.tensors("w3", generated: numbers.generated)
    for (weight, file) in numbers.fileNames() { try program.set(weight, try tensors[file]) }
    for input in ["in.x", "in.y"] { try program.set(input, try tensors[input]) }
    try program.set(TrainingStep.rateName, HostTensor(.scalar, [Float(3e-4)]))
  }

  /// 2 m n k of every product, forward and twice that backward.
  var contractionFlops: Int? {
    let (d, l, b) = (sizes.width, sizes.context, GPTStep.batch)
    let layer = 2 * b * l * 12 * d * d + 4 * b * l * l * d
    return 3 * (sizes.layers * layer + 2 * b * l * d * sizes.vocabulary)
  }
}
