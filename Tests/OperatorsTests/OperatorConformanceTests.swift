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
  @Test func everyOperatorListsSamples() {
    for used in OperatorTable.all {
      if case .structural = used.gradient { continue }
      #expect(!used.samples.isEmpty, "\(used.name) lists no samples")
    }
  }

  @Test(arguments: SampleCase.all) func evaluationHasTheTypeOfTheRule(_ sample: SampleCase) throws {
    let graph = try sample.graph()
    #expect(graph.allViolations().isEmpty)
    let results = ReferenceEvaluator.evaluate(graph, sample.tensors)
    #expect(results.map(\.type) == graph.results.map { graph.type(of: $0) })
  }

  @Test(arguments: SampleCase.all) func kernelEqualsEvaluationBitForBit(_ sample: SampleCase) throws {
    let graph = try sample.graph()
    for workerCount in [1, 3] {
      let program = try Compiler.compile(graph, CompilerOptions(workerCount: workerCount))
      try program.expect(graph, sample.tensors, "\(sample)")
    }
  }

  /// Results and gradients at NaN, infinities, both zeros, subnormal numbers and ties, in f32 and f64.
  @Test(arguments: SampleCase.all) func specialNumbersGiveTheSameBits(_ sample: SampleCase) throws {
    let single = try sample.graphWithGradients()
    let double = single.inDoublePrecision()
    for graph in double == single ? [single] : [single, double] {
      let program = try Compiler.compile(graph, CompilerOptions(workerCount: 1))
      for pattern in SpecialTensors.Pattern.all {
        let operands = SpecialTensors.operands(
          sample.sample, types: graph.parameters.map { graph.type(of: $0) }, pattern,
          keepsIntegers: sample.used.kind != .elementwise)
        try program.expect(graph, operands, "\(sample), \(pattern)")
      }
    }
  }

  @Test(arguments: SampleCase.all) func gradientEqualsCentralDifferences(_ sample: SampleCase) throws {
    guard case .rule = sample.used.gradient, let graph = try sample.weightedSum() else { return }
    let error = try GradientCheck.largestError(graph, sample.tensors)
    #expect(error < 1e-6, "\(sample): \(error)")
  }

  @Test(arguments: SampleCase.all) func textReadsBack(_ sample: SampleCase) throws {
    let graph = try sample.graph()
    #expect(try Graph(parsing: graph.description) == graph)
  }
}

extension CompiledProgram {
  /// Expects the results of the reference evaluation, bit for bit.
  func expect(_ graph: Graph, _ operands: [HostTensor], _ name: String) throws {
    for (parameter, tensor) in zip(parameterNames, operands) { try set(parameter, tensor) }
    try runPoisoned(0xA5)
    for (index, result) in ReferenceEvaluator.evaluate(graph, operands).enumerated() {
      let found = try self.result(at: index)
      guard !found.isIdentical(to: result) else { continue }
      let role = graph.resultRoles[index].name
      Issue.record("\(name): \(role) \(result.type) \(found.firstDifference(from: result))")
    }
  }
}

extension HostTensor {
  /// The first element that differs from another tensor's, as text.
  fileprivate func firstDifference(from other: HostTensor) -> String {
    for (index, pair) in zip(doubles, other.doubles).enumerated() {
      let (a, b) = pair
      if (a == b && a.sign == b.sign) || (a.isNaN && b.isNaN) { continue }
      return "is \(a), not \(b), at \(index)"
    }
    return "has type \(type)"
  }
}
