import Compilation
import Differentiation
import Foundation
import GraphIR
import Interchange
import Modeling
import Operators
import ReferenceEvaluation
import StableHLO
import TensorTypes
import TestSupport
import Transforms

/// A graph with operands and results, to be run by another engine and compared.
public struct EngineCase {
  public let name: String
  private let graph: Graph
  private let operands: [HostTensor]
  /// Whether every bit must be the same; else norms are compared.
  private let isExact: Bool
  /// Largest difference of a result, relative to its norm.
  private let tolerance: Double

  /// What `cases.json` says of a case.
  private struct Entry: Encodable {
    var name: String
    var file: String
    var exact: Bool
    var tolerance: Double
  }

  /// Every use that operators list, with ordinary numbers and at NaN, infinities, zeros and ties.
  public static func operatorCases() throws -> [EngineCase] {
    try OperatorTable.all.flatMap { used in
      try used.samples.indices.flatMap { index in try cases(of: used, used.samples[index], index) }
    }
  }

  private static func cases(of used: Operator, _ sample: OperatorSample, _ index: Int) throws -> [EngineCase] {
    let build = GraphBuilder(Graph(name: "sample"))
    let operands = sample.operands.enumerated().map { position, type in
      build.graph.addParameter(type, name: "operand\(position)", role: .input)
    }
    for result in try build.apply(used, operands, sample.attributes) { build.graph.addResult(result, name: "result") }
    let graph = build.graph
    let isMoved = [.movement, .indexing, .constant, .control].contains(used.kind) && !used.addsRows
    func made(_ name: String, _ tensors: [HostTensor]) -> EngineCase {
      EngineCase(
        name: "\(used.name) \(index) \(name)", graph: graph, operands: tensors, isExact: isMoved, tolerance: 1e-6)
    }
    let special = SpecialTensors.Pattern.all.map { pattern in
      made(
        "\(pattern)",
        SpecialTensors.operands(sample, types: sample.operands, pattern, keepsIntegers: used.kind != .elementwise)
          .map { $0.withoutExtremes(keepsHuge: used.keepsHugeNumbers) })
    }
    return [made("ordinary", SampleTensors.operands(sample, seed: 7))] + (sample.operands.isEmpty ? [] : special)
  }

  /// Random programs with their gradients, but for those that overflow: in another order of sums they might not. In double
  /// precision, since sorts and steps make large differences of small ones.
  public static func programCases(seed: UInt64, count: Int) throws -> [EngineCase] {
    try (0..<UInt64(count)).compactMap { number in
      let program = RandomProgram(seed: seed &+ number)
      let graph = try program.graph.withGradients().inDoublePrecision()
      let operands = program.tensors.map { $0.elementType == .float32 ? $0.converted(to: .float64) : $0 }
      let results = ReferenceEvaluator.evaluate(graph, operands)
      guard results.allSatisfy({ $0.doubles.allSatisfy(\.isFinite) }) else { return nil }
      return EngineCase(
        name: "program \(seed &+ number)", graph: graph, operands: operands, isExact: false, tolerance: 1e-6)
    }
  }

  /// Every layer with the gradients of its weights, in double precision.
  public static func layerCases() throws -> [EngineCase] {
    try LayerSample.all.map { sample in
      let traced = try sample.traced(name: sample.name)
      let graph = try traced.graph.withGradients().inDoublePrecision()
      let operands = graph.parameters.enumerated().map { position, value in
        let own = traced.values[graph[value].name ?? ""]
        let type = TensorType(.float32, graph.type(of: value).shape)
        let tensor = own ?? SampleTensors.tensor(type, .uniform(-1, 1), seed: UInt64(position) &+ 1)
        return tensor.elementType == .float32 ? tensor.converted(to: .float64) : tensor
      }
      return EngineCase(name: "layer \(sample.name)", graph: graph, operands: operands, isExact: false, tolerance: 1e-6)
    }
  }

  /// Writes cases, each as a text and its numbers, and a list of them.
  public static func write(_ cases: [EngineCase], to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let entries = try cases.enumerated().map { number, own in
      let file = String(format: "case-%04d", number)
      try own.write(to: "\(folder)/\(file)")
      return Entry(name: own.name, file: file, exact: own.isExact, tolerance: own.tolerance)
    }
    try JSONEncoder().encode(entries).write(to: URL(fileURLWithPath: folder + "/cases.json"))
  }

  private func write(to path: String) throws {
    var log = PassLog()
    let program = StableHLOProgram(CompilerOptions().pipeline.run(graph, log: &log))
    try Data(program.text.utf8).write(to: URL(fileURLWithPath: path + ".mlir"))
    let results = ReferenceEvaluator.evaluate(graph, operands)
    let named = operands.enumerated().map { ("in\($0)", $1) } + results.enumerated().map { ("out\($0)", $1) }
    try SafetensorsFile(tensors: Dictionary(uniqueKeysWithValues: named)).write(to: path + ".safetensors")
  }
}

extension HostTensor {
  /// Zeros in place of subnormal numbers, which XLA takes for zeros on processors; and no numbers of which sums and products
  /// overflow in one order and not in another.
  fileprivate func withoutExtremes(keepsHuge: Bool) -> HostTensor {
    guard elementType.isFloatingPoint else { return self }
    let numbers = doubles.map { number -> Double in
      if number.magnitude < 1e-37 { return number.sign == .minus ? -0.0 : 0 }
      return number.isFinite && number.magnitude > 1e6 && !keepsHuge ? (number < 0 ? -3 : 3) : number
    }
    return HostTensor(shape, .float64(numbers)).converted(to: elementType)
  }
}

extension Operator {
  /// Whether rows are added, in an order that is another engine's own.
  fileprivate var addsRows: Bool { name == Operator.scatterAdd.name }

  /// Angles beyond 2^40 are not a number in the language and a number on XLA; what adds up overflows in some order.
  fileprivate var keepsHugeNumbers: Bool {
    guard case .primitive = semantics else { return false }
    return kind == .elementwise && name != Operator.sine.name && name != Operator.cosine.name
  }
}
