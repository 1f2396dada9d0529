import GraphIR
import Operators
import TensorTypes

/// A part of a model whose gradient its author writes.
///
///     // The straight-through estimator (Bengio, Leonard and Courville 2013): a step forward, the identity backward.
///     let bits = customGradient(x, forward: { floor($0 + 0.5) }, gradient: { _, _, cotangent in cotangent })
///
/// - Parameters:
///   - operand: what a gradient flows to. To anything else that the functions read, no gradient flows from here.
///   - forward: the result; its own gradient is never asked for, but where a second derivative goes through a recursion.
///   - gradient: from the operand, the result and the cotangent, the gradient of the loss with respect to the result, which
///     has its type: the gradient with respect to the operand, of the operand's type. It need not be linear.
/// - Returns: the result. Gradients that are not of the operand's type are problems of the trace, with the line of this call.
public func customGradient(
  _ operand: Tensor, file: StaticString = #fileID, line: Int = #line, forward: (Tensor) throws -> Tensor,
  gradient: (_ operand: Tensor, _ result: Tensor, _ cotangent: Tensor) throws -> Tensor
) rethrows -> Tensor {
  try customGradient(
    [operand], file: file, line: line, forward: { [try forward($0[0])] },
    gradient: { [try gradient($0[0], $1[0], $2[0])] })[0]
}

/// A part of a model of several operands and results whose gradient its author writes.
///
/// - Parameter gradient: a gradient for each operand, nil where none flows, as to integers; a result that the loss does not
///   depend on has a cotangent of zeros.
/// - Returns: the results.
public func customGradient(
  _ operands: [Tensor], file: StaticString = #fileID, line: Int = #line, forward: ([Tensor]) throws -> [Tensor],
  gradient: (_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor]) throws -> [Tensor?]
) rethrows -> [Tensor] {
  guard let trace = Trace.current else { return try forward(operands) }
  let token = trace.locations.add(CallSite(file, line))
  let results = try forward(operands)
  return try trace.withGradient(results, of: operands, token) { try gradient(operands, results, $0) }
}

extension Trace {
  fileprivate func withGradient(
    _ results: [Tensor], of operands: [Tensor], _ token: Int, _ gradient: ([Tensor]) throws -> [Tensor?]
  ) rethrows -> [Tensor] {
    let values = located(token) { self.values(of: results) }
    let region = builder.graph.addRegion()
    let cotangents = results.map { result in
      let parameter = builder.graph.addParameter(result.type, name: "cotangent", to: region)
      parameterSites[parameter] = token
      return Tensor(self, parameter, result.type)
    }
    let (targets, yields) = try inside(region) { () -> ([Tensor], [Graph.Value]?) in
      let pairs = flowing(try gradient(cotangents), operands, token)
      return (pairs.map(\.operand), located(token) { self.values(of: pairs.map(\.gradient)) })
    }
    let guess = results.map { Tensor(self, nil, $0.type) }
    guard let values, let yields, let own = located(token, { self.values(of: targets) }) else { return guess }
    builder.graph[region].results = yields
    builder.annotation.location = token
    do {
      return try builder.apply(.customGradient, own + values, ["operands": .integer(own.count)], regions: [region])
        .map { Tensor(self, $0, builder.type(of: $0)) }
    } catch {
      // What does not fit was noted with the position of its operand.
      return guess
    }
  }

  /// The operands that a gradient flows to, each with it.
  private func flowing(
    _ gradients: [Tensor?], _ operands: [Tensor], _ token: Int
  ) -> [(operand: Tensor, gradient: Tensor)] {
    if gradients.count != operands.count {
      let needed = "a gradient or nil for each of \(operands.count) operands"
      note(TypeError("custom_gradient.1", "needs \(needed), got \(gradients.count)"), at: token)
    }
    return zip(operands, gradients).enumerated().compactMap { position, pair in
      guard let gradient = pair.1 else { return nil }
      if let problem = problem(of: gradient, pair.0) {
        note(TypeError("custom_gradient.3", "operand \(position) is \(pair.0.type), \(problem)"), at: token)
      }
      return (pair.0, gradient)
    }
  }

  private func problem(of gradient: Tensor, _ operand: Tensor) -> String? {
    // What follows from an error is not reported.
    if gradient.value == nil || operand.value == nil { return nil }
    guard operand.type.elementType.isFloatingPoint else { return "which has no gradient: return nil for it" }
    return gradient.type == operand.type ? nil : "its gradient is \(gradient.type); both must agree"
  }
}
