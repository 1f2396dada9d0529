import GraphIR
import Operators
import Recurve

/// The programs of W4: little arithmetic on large arrays.
enum MemoryBoundKernel: String, CaseIterable {
  case rmsnorm, swiglu, softmax, chain, adamw

  /// Name of the data file.
  var fileName: String { self == .adamw ? "w4_adamw" : "w4_elem" }

  func graph(_ sizes: MemoryBoundSizes) throws -> Graph {
    let build = GraphBuilder(Graph(name: rawValue))
    if self == .adamw { return try update(build, sizes) }
    let rows = TensorType(.float32, sizes.shape)
    func input(_ name: String, _ type: TensorType) -> Graph.Value {
      build.graph.addParameter(type, name: name, role: .input)
    }
    func normalized(_ x: Graph.Value) -> Graph.Value {
      let unit = build.emit(.rootMeanSquareNormalize, [x], ["epsilon": .number(1e-5)])[0]
      let gain = input("w", TensorType(.float32, [sizes.columns]))
      return build.multiply(unit, build.broadcast(gain, to: sizes.shape, axes: [1]))
    }
    func gated() -> Graph.Value { build.emit1(.swiglu, input("in.g", rows), input("in.u", rows)) }
    let result: Graph.Value
    switch self {
    case .rmsnorm: result = normalized(input("in.g", rows))
    case .swiglu: result = gated()
    case .softmax: result = build.emit1(.softmax, input("in.g", rows))
    default: result = build.emit1(.softmax, normalized(gated()))
    }
    build.graph.addResult(result, name: "y")
    return build.graph
  }

  private func update(_ build: GraphBuilder, _ sizes: MemoryBoundSizes) throws -> Graph {
    let type = TensorType(.float32, [sizes.elements])
    _ = build.graph.addParameter(type, name: "p", role: .weight)
    let gradient = build.graph.addParameter(type, name: "g", role: .input)
    return try TrainingStep(build.graph, gradients: [gradient], .peerAdamW).graph
  }

  /// Bytes that any program must read and write.
  func compulsoryBytes(_ sizes: MemoryBoundSizes) -> Int {
    switch self {
    case .rmsnorm, .softmax: 2 * sizes.shape.elementCount * 4
    case .swiglu, .chain: 3 * sizes.shape.elementCount * 4
    case .adamw: 7 * sizes.elements * 4
    }
  }

  /// The numbers of the data file, made by the workload's own rule.
  func generated(_ sizes: MemoryBoundSizes) -> [String: HostTensor] {
    let stream = NumberStream(prefix: "w4.")
    let shape = Shape([sizes.elements])
    func rows(_ name: String) -> HostTensor { stream.uniform(name, sizes.shape, 3.0.squareRoot()) }
    switch self {
    case .rmsnorm: return ["in.g": rows("g"), "w": stream.uniform("w", [sizes.columns], 1)]
    case .softmax: return ["in.g": rows("g")]
    case .swiglu: return ["in.g": rows("g"), "in.u": rows("u")]
    case .chain: return ["in.g": rows("g"), "in.u": rows("u"), "w": stream.uniform("w", [sizes.columns], 1)]
    case .adamw:
      return [
        "p": stream.uniform("p", shape, 1), "g": stream.uniform("grad", shape, 1),
        "m": stream.uniform("m", shape, 0.1),
        "v": HostTensor(shape, stream.uniform("v", shape, 0.1).floats.map(abs)),
      ]
    }
  }
}

/// Extents of W4.
struct MemoryBoundSizes {
  var rows = 8192
  var columns = 1024
  var elements = 10_000_000
  var shape: Shape { [rows, columns] }
}
