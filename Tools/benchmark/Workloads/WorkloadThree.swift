import ArgumentParser
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
    var sizes = GPTSizes()
    sizes.layers = layers
    return TrainingMeasurement(GPTWorkload(sizes, options), options)
  }
}

/// W3: forward, backward and AdamW of a GPT.
struct GPTWorkload: TrainingWorkload {
  let sizes: GPTSizes
  let options: WorkloadOptions

  init(_ sizes: GPTSizes, _ options: WorkloadOptions) { (self.sizes, self.options) = (sizes, options) }

  func step() throws -> TrainingStep { try TrainingStep(GPT(sizes).traced(name: "w3").graph, .peerAdamW) }

  func load(_ program: CompiledProgram) throws {
    let mask = GPT.causalMask(sizes.length)
    for name in program.parameterNames where name.hasSuffix(".mask") {
      try program.set(name, HostTensor([sizes.length, sizes.length], mask))
    }
    let numbers = GPTNumbers(sizes)
    let tensors = try options.tensors("w3", generated: numbers.generated)
    for (weight, file) in numbers.fileNames() { try program.set(weight, try tensors[file]) }
    for input in ["in.x", "in.y"] { try program.set(input, try tensors[input]) }
    try program.set(TrainingStep.rateName, HostTensor(.scalar, [Float(3e-4)]))
  }

  /// 2 m n k of every product, forward and twice that backward.
  var contractionFlops: Int? {
    let (d, l, b) = (sizes.width, sizes.length, sizes.batch)
    let layer = 2 * b * l * 12 * d * d + 4 * b * l * l * d
    return 3 * (sizes.layers * layer + 2 * b * l * d * sizes.vocabulary)
  }
}
