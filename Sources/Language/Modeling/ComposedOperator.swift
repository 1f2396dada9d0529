import GraphIR
import Operators
import TensorTypes

extension Operator {
  /// An operator of a package's own, written in the DSL; `OperatorTable.register` makes it known, `apply` uses it.
  ///
  ///     let softsign = Operator.composed("softsign", "x / (1 + |x|)", operands: 1) { x in [x[0] / (1 + abs(x[0]))] }
  ///
  /// Graphs and diagrams show it as one operation. Its types are those of the function's results, and what is wrong in it is
  /// told where it is used. It is compiled as the operators that it is made of: those over single elements become one kernel.
  ///
  /// - Parameters:
  ///   - name: a word that no other operator has.
  ///   - count: how many operands the function takes.
  ///   - isDifferentiable: whether gradients go through it, as through the operators that it is made of.
  ///   - function: the results from the operands; at least one, and nothing but the operands goes in: no values of its own,
  ///     no random numbers, and not whether the program trains.
  public static func composed(
    _ name: String, _ summary: String, operands count: Int, isDifferentiable: Bool = true,
    _ function: @escaping @Sendable ([Tensor]) -> [Tensor]
  ) -> Operator {
    Operator(
      name: name, summary: summary, kind: .composite,
      type: { signature in
        let found = signature.operands.count
        if found != count { throw TypeError("\(name).0", "needs \(count) operands, got \(found)") }
        let body = try Trace.record(name, signature.operands, function)
        return body.results.map { body.type(of: $0) }
      },
      gradient: isDifferentiable ? .decomposed : .none("its author says so"),
      semantics: .composite { signature, operands, build in
        do { return build.insert(try Trace.record(name, signature.operands, function), operands) } catch {
          preconditionFailure("\(name) of \(signature.operands) has a type, but no graph: \(error)")
        }
      },
      samples: [])
  }
}

extension Trace {
  /// The graph of a function of tensors.
  ///
  /// - Throws: `TypeError` with everything that is wrong in it.
  fileprivate static func record(
    _ name: String, _ operands: [TensorType], _ function: ([Tensor]) -> [Tensor]
  ) throws -> Graph {
    let trace = Trace(name: name, paths: WeightPaths(of: ()), isOperatorBody: true)
    let parameters = operands.enumerated().map { position, type in
      Tensor(trace, trace.builder.graph.addParameter(type, name: "operand\(position)", role: .input), type)
    }
    Trace.$current.withValue(trace) {
      let results = function(parameters)
      if results.isEmpty { trace.note(TraceMessage(text: "it returns no tensor")) }
      for value in trace.values(of: results) ?? [] { trace.builder.graph.addResult(value, name: "result") }
      // They are parameters of a program, and this graph has none but the operands.
      if let own = trace.ownValues.first {
        let text = "numbers of an operator's own are made by 'Tensor.constant', got values \(own.tensor.type)"
        trace.note(TraceMessage(text: "\(text); or make them an operand"))
      }
    }
    if !trace.problems.isEmpty { throw TypeError("\(name).1", "\(TraceError(problems: trace.problems))") }
    return trace.builder.graph
  }
}

extension GraphBuilder {
  /// Appends a graph's body, its parameters being the operands; returns its results.
  fileprivate func insert(_ body: Graph, _ operands: [Graph.Value]) -> [Graph.Value] {
    var mapping = Dictionary(uniqueKeysWithValues: zip(body.parameters, operands))
    insert(body, Graph.body, &mapping)
    return body.results.compactMap { mapping[$0] }
  }

  private func insert(_ body: Graph, _ source: Graph.RegionID, _ mapping: inout [Graph.Value: Graph.Value]) {
    for identifier in body[source].operations {
      let operation = body[identifier]
      let regions = operation.regions.map { inner in
        let region = graph.addRegion()
        for value in body[inner].parameters {
          mapping[value] = graph.addParameter(body.type(of: value), name: body[value].name, to: region)
        }
        inside(region) { insert(body, inner, &mapping) }
        graph[region].results = body[inner].results.compactMap { mapping[$0] }
        return region
      }
      let copy = graph.append(
        operation.name, operation.operands.compactMap { mapping[$0] }, attributes: operation.attributes,
        regions: regions, resultTypes: operation.results.map { body.type(of: $0) }, annotation: annotation, to: region)
      for (old, new) in zip(operation.results, graph[copy].results) { mapping[old] = new }
    }
  }
}
