import Foundation
import Interchange
import Recurve

/// A training step of a model that nobody tuned for, with the optimizer that suits it.
struct UnseenWorkload: TrainingWorkload {
  let kind: UnseenModel
  let isLarge: Bool
  let gradient: GradientMode

  private var sizes: UnseenSizes { kind.sizes(isLarge: isLarge) }

  private var model: any Model {
    switch kind {
    case .lstm: CharacterLSTM(sizes, gradient: gradient)
    case .looped: LoopedTransformer(sizes, gradient: gradient)
    case .conv: ConvolutionalNet(sizes)
    case .delta, .mamba, .mingru: ScanLanguageModel(sizes, kind, gradient: gradient)
    }
  }

  private var optimizer: Optimizer {
    switch kind {
    case .lstm: .adam().clipping(globalNorm: 1)
    case .looped: .adamW(decay: 0.1).decaying { _, shape in shape.rank > 1 }.clipping(globalNorm: 1)
    case .conv: .adam()
    case .delta, .mamba, .mingru: .adamW()
    }
  }

  private var rate: Float { kind == .looped || kind == .conv ? 2e-3 : 3e-3 }

  func step() throws -> TrainingStep { try TrainingStep(model.traced(name: kind.rawValue).graph, optimizer) }

  func load(_ program: CompiledProgram) throws {
    for (name, tensor) in try numbers() { try program.set(name, tensor) }
    try program.set(TrainingStep.rateName, HostTensor(.scalar, [rate]))
  }

  /// First weights by their names, and inputs.
  private func numbers() throws -> [(String, HostTensor)] {
    let traced = try model.traced(name: kind.rawValue)
    return traced.initialWeights(seed: 1).map { ($0.name, $0.tensor) } + inputs
  }

  private var inputs: [(String, HostTensor)] {
    let (stream, sizes) = (NumberStream(prefix: "unseen.\(kind.rawValue)."), sizes)
    let (batch, length) = (sizes.batch, sizes.length)
    if kind == .conv {
      return [("x", stream.uniform("x", [batch, length, length], 1)), ("label", stream.tokens("label", [batch], 10))]
    }
    let text = ["tokens", "targets"].map { ($0, stream.tokens($0, [batch, length], sizes.vocabulary)) }
    // Dropout that keeps everything.
    let mask = HostTensor(TensorType(.float32, [batch, length, sizes.width]), repeating: 1)
    return text + (kind == .looped ? [("dropout_mask", mask)] : [])
  }

  /// What a twin starts from.
  func write(to path: String) throws {
    let tensors = try numbers()
    let inputs = Set(inputs.map(\.0))
    try SafetensorsFile(
      tensors: Dictionary(uniqueKeysWithValues: tensors.map { (inputs.contains($0) ? "in." + $0 : $0, $1) })
    ).write(to: path)
  }

  var contractionFlops: Int? { nil }
}
