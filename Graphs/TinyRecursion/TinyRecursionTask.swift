import Recurve


/// Stand-in
public final class TinyRecursionTask: TrainingTask {
  public let sizes: TinyRecursion.Sizes
  public let model: any Model
  public var graphName: String { "tiny-recursion" }
  public var batchSize: Int { sizes.batch }
  public var progress: [String: HostTensor] = [:]
  init(_ options: ModelOptions) throws {
    var sizes = TinyRecursion.Sizes.presets.first { $0.name == options.preset ?? "nano" }!.sizes
    if let b = options.batch { sizes.batch = b }
    if let d = options.depth { sizes.cycles = d }
    if let v = options.variant { sizes.variant = .init(rawValue: v)! }
    self.sizes = sizes
    model = TinyRecursion(sizes, gradient: options.gradient ?? .last(1))
  }
  public func inputs(after results: [String: HostTensor]?) throws -> [(name: String, tensor: HostTensor)] {
    try freshInputs(0)
  }
  public func freshInputs(_ number: Int) throws -> [(name: String, tensor: HostTensor)] {
    var random = CounterRandom(seed: 5)
    let tokens = (0..<(sizes.batch * sizes.cells)).map { _ in Int32(random.next() % 4) + 2 }
    return [
      ("tokens", HostTensor(Shape([sizes.batch, sizes.cells]), tokens)),
      ("labels", HostTensor(Shape([sizes.batch, sizes.cells]), tokens)),
      ("fresh", HostTensor(Shape([sizes.batch]), .bool(Array(repeating: true, count: sizes.batch)))),
    ]
  }
  public func describe(inputs: [(name: String, tensor: HostTensor)], results: [String: HostTensor]) -> String { "" }
}
extension TinyRecursion {
  public static let family = ModelFamily(
    name: "tiny-recursion", summary: "Tiny Recursive Model on Sudoku", presets: Sizes.presets.map(\.name),
    variants: ["attention", "mixer"], depthName: "cycles"
  ) { try TinyRecursionTask($0) }
}
