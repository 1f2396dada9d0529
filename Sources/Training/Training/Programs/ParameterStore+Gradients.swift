import Compilation
import Differentiation
import GraphIR
import Modeling

extension ParameterStore {
  /// Compiles the gradients of a loss: how it changes with weights and inputs, without training them.
  ///
  ///     let saliency = try store.gradients("saliency", with: ["embedding.**", "x"]) { io in Step(loss: ...) }
  ///     let slope = try saliency(inputs)["gradient.x"]
  ///
  /// Results are the loss as `loss`, the step's metrics, and the gradient with respect to each chosen weight, input or state as
  /// `gradient.` and its path or name, of its type; zero where the loss does not depend on it.
  /// - Parameters:
  ///   - name: of the program, in plans and messages.
  ///   - patterns: of weights and constants by their paths, of inputs and states by their names; all trained weights without
  ///     any.
  ///   - isTraining: whether layers do what they do in training: dropout, for example. Weights stay what they are.
  ///   - weights: the numbers that it reads, in place.
  ///   - body: declares inputs and states, and returns the loss.
  /// - Throws: `TraceError` with all problems of the function, what it throws; `InputError` for patterns that match nothing
  ///   with a gradient; `TypeError` when the loss is no scalar; `NameError` when a gradient needs a name that the function
  ///   uses; or what the compiler throws.
  public func gradients(
    _ name: String, with patterns: [PathPattern] = [], isTraining: Bool = false, weights: Weights = .current,
    _ options: CompilerOptions = CompilerOptions(), file: StaticString = #fileID, line: Int = #line,
    _ body: (Inputs) throws -> Step
  ) throws -> ModelProgram {
    var traced =
      isTraining
      ? try TracedModel(training: name, over: paths, file: file, line: line, body)
      : try TracedModel(evaluating: name, over: paths, file: file, line: line) { .step(try body($0)) }
    let targets = patterns.isEmpty ? nil : try traced.graph.positions(of: patterns)
    let graph = try traced.graph.differentiated(targets: targets).graphWithGradients
    try traced.checkGradients(of: graph)
    traced.graph = graph
    return try ModelProgram(traced, over: self, weights == .current ? .current : .averaged, options)
  }
}

extension Graph {
  /// Positions of the floating-point parameters that patterns match; a model's own numbers are not among them.
  fileprivate func positions(of patterns: [PathPattern]) throws -> [Int] {
    let known = parameters.indices.filter { position in
      parameterRoles[position] != .values && type(of: parameters[position]).elementType.isFloatingPoint
    }
    let names = known.map { name(of: .parameter($0)) }
    let all = names.isEmpty ? "none" : names.joined(separator: ", ")
    let problems = patterns.filter { !names.contains(where: $0.matches) }.map {
      "nothing with a gradient is called '\($0)'; there are \(all)"
    }
    if !problems.isEmpty { throw InputError(problems: problems) }
    return zip(known, names).filter { pair in patterns.contains { $0.matches(pair.1) } }.map(\.0)
  }
}

extension TracedModel {
  /// Gradients come after what the model returned.
  fileprivate func checkGradients(of differentiated: Graph) throws {
    let problems = differentiated.nameCollisions().map { collision in
      let place = location(of: collision.first).map { ", made at \($0)" } ?? ""
      return NameCollision.text(collision.name, "a gradient", takenBy: graph.kind(of: collision.first), place)
    }
    if !problems.isEmpty { throw NameError(problems: problems) }
  }
}
