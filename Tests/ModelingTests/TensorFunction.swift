import Recurve
import ReferenceEvaluation
import TestSupport
import Testing

/// A function of one tensor of known numbers: what it gives, compiled, and its gradient.
struct TensorFunction: Model {
  let x: Weight
  let function: @Sendable (Tensor) -> Tensor

  init(_ shape: Shape, _ numbers: [Float], _ function: @escaping @Sendable (Tensor) -> Tensor) {
    x = Weight(shape, .values(numbers))
    self.function = function
  }

  init(_ numbers: [Float], _ function: @escaping @Sendable (Tensor) -> Tensor) {
    self.init([numbers.count], numbers, function)
  }

  /// The loss weighs the elements 1, 2, 3 and so on, so that each matters.
  func step(_ inputs: Inputs) -> Step {
    let y = function(x.tensor)
    let flat = y.reshaped(to: Shape([y.type.elementCount])).converted(to: .float32)
    let factors = Tensor.iota(flat.shape, axis: 0).converted(to: .float32) + 1
    return Step(loss: (flat * factors).sum(), metrics: [("y", y)])
  }

  /// The function's result, the same compiled and by the oracle.
  func value() throws -> HostTensor { try results(of: traced(name: "function").graph)[1] }

  /// The gradient of the weighted sum, the same compiled and by the oracle.
  func gradient() throws -> [Double] { try results(of: traced(name: "function").graph.withGradients())[2].doubles }

  /// How far the gradient is from central differences in double precision.
  func gradientError() throws -> Double {
    let traced = try traced(name: "function")
    return try GradientCheck.largestError(traced.graph, traced.parameters(of: traced.graph))
  }

  private func results(of graph: Graph) throws -> [HostTensor] {
    let parameters = try traced(name: "function").parameters(of: graph)
    let program = try Compiler.compile(graph, CompilerOptions(workerCount: 1))
    for (value, tensor) in zip(graph.parameters, parameters) { try program.set(graph[value].name ?? "", tensor) }
    try program.run()
    let expected = ReferenceEvaluator.evaluate(graph, parameters)
    let found = try expected.indices.map { try program.result(at: $0) }
    for (found, expected) in zip(found, expected) { #expect(found.isIdentical(to: expected)) }
    return found
  }
}

extension TracedModel {
  /// The first weights, and the graph's own numbers, in the order of the parameters.
  fileprivate func parameters(of graph: Graph) -> [HostTensor] {
    let known = Dictionary(uniqueKeysWithValues: initialWeights(seed: 1)).merging(values) { weight, _ in weight }
    return graph.parameters.compactMap { known[graph[$0].name ?? ""] }
  }
}

extension HostTensor {
  /// Equal numbers, NaN being equal to itself and 0 to -0, up to a share of each.
  func isNear(_ shape: Shape, _ numbers: [Double], within tolerance: Double = 0) -> Bool {
    self.shape == shape && doubles.isNear(numbers, within: tolerance)
  }
}

extension [Double] {
  func isNear(_ numbers: [Double], within tolerance: Double = 0) -> Bool {
    count == numbers.count
      && zip(self, numbers).allSatisfy {
        $0 == $1 || ($0.isNaN && $1.isNaN) || abs($0 - $1) <= tolerance * Swift.max(abs($0), abs($1))
      }
  }
}
