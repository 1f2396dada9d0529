import Compilation
import GraphIR
import Operators
import ReferenceEvaluation
import TensorTypes
import TestSupport
import Testing
import Transforms

/// Runs every use that every operator lists; the table decides what is tested.
@Suite struct OperatorConformanceTests {
  static let cases: [SampleCase] = OperatorTable.all.flatMap { used in
    used.samples.indices.map { SampleCase(used: used, index: $0) }
  }

  @Test func everyOperatorListsSamples() {
    for used in OperatorTable.all {
      if case .loop = used.semantics { continue }
      if case .checkpoint = used.semantics { continue }
      #expect(!used.samples.isEmpty, "\(used.name) lists no samples")
    }
  }

  @Test(arguments: cases) func evaluationHasTheTypeOfTheRule(_ sample: SampleCase) throws {
    let graph = try sample.graph()
    #expect(graph.allViolations().isEmpty)
    let results = ReferenceEvaluator.evaluate(graph, sample.tensors)
    #expect(results.map(\.type) == graph.results.map { graph.type(of: $0) })
  }

  @Test(arguments: cases) func kernelEqualsEvaluationBitForBit(_ sample: SampleCase) throws {
    let graph = try sample.graph()
    let expected = ReferenceEvaluator.evaluate(graph, sample.tensors)
    for workerCount in [1, 3] {
      let program = try Compiler.compile(graph, CompilerOptions(workerCount: workerCount))
      for (name, tensor) in zip(program.parameterNames, sample.tensors) { try program.set(name, tensor) }
      program.runPoisoned(0xA5)
      for (index, result) in expected.enumerated() {
        #expect(program.result(at: index).isIdentical(to: result), "\(sample) result \(index)")
      }
    }
  }

  @Test(arguments: cases) func gradientEqualsCentralDifferences(_ sample: SampleCase) throws {
    guard case .rule = sample.used.gradient, let graph = try sample.weightedSum() else { return }
    let error = try GradientCheck.largestError(graph, sample.tensors)
    #expect(error < 1e-6, "\(sample): \(error)")
  }

  @Test(arguments: cases) func textReadsBack(_ sample: SampleCase) throws {
    let graph = try sample.graph()
    #expect(try Graph(parsing: graph.description) == graph)
  }
}

/// One sample of one operator.
struct SampleCase: CustomTestStringConvertible, CustomStringConvertible, Sendable {
  let used: Operator
  let index: Int

  var description: String { "\(used.name) \(index)" }
  var testDescription: String { description }
  var sample: OperatorSample { used.samples[index] }
  var tensors: [HostTensor] { SampleTensors.operands(sample, seed: 7) }

  /// The operator applied to parameters; floating-point ones are weights.
  func graph() throws -> Graph {
    let builder = GraphBuilder(Graph(name: "sample"))
    for result in try apply(builder) { builder.graph.addResult(result, name: "result") }
    return builder.graph
  }

  /// The sum of the first result with distinct factors, so that every element matters; nil if it is no number.
  func weightedSum() throws -> Graph? {
    let builder = GraphBuilder(Graph(name: "sample"))
    let result = try apply(builder)[0]
    let type = builder.type(of: result)
    guard type.elementType.isFloatingPoint else { return nil }
    let flat = builder.reshape(result, to: Shape([type.elementCount]))
    let positions = builder.convert(builder.iota(builder.type(of: flat).with(.int32), axis: 0), to: .float32)
    let factors = builder.emit1(.sine, builder.add(positions, builder.constant(1, like: positions)))
    builder.graph.addResult(builder.sum(builder.multiply(flat, factors), [0]), name: "loss")
    return builder.graph
  }

  private func apply(_ builder: GraphBuilder) throws -> [Graph.Value] {
    let operands = sample.operands.enumerated().map { index, type in
      builder.graph.addParameter(
        type, name: "x\(index)", role: type.elementType.isFloatingPoint ? .weight : .input)
    }
    return try builder.apply(used, operands, sample.attributes)
  }
}
