import Compilation
import GraphIR
import Operators
import ReferenceEvaluation
import TensorTypes

/// Holds compilations of one graph against two runs of its reference evaluation, bit for bit; any NaN equals any NaN.
public struct ProgramCheck {
  let graph: Graph
  let tensors: [HostTensor]
  let expected: [[HostTensor]]

  public init(_ graph: Graph, _ tensors: [HostTensor]) {
    self.graph = graph
    self.tensors = tensors
    let first = ReferenceEvaluator.evaluate(graph, tensors)
    var next = tensors
    for (role, result) in zip(graph.resultRoles, first) {
      if let parameter = role.updatedParameter { next[parameter] = result }
    }
    expected = [first, ReferenceEvaluator.evaluate(graph, next)]
  }

  /// What is wrong with one compilation; empty where all bits are right.
  public func problems(_ configuration: Configuration, planting fault: PlantedFault? = nil) throws -> [String] {
    let options = configuration.options
    var plan = try Compiler.plan(graph, options)
    var problems = plan.graph.allViolations().map { "after the passes: \($0)" }
    problems += differences(ReferenceEvaluator.evaluate(plan.graph, tensors), expected[0], "after the passes")
    fault?.plant(into: &plan, options.planner)
    do { try plan.runAbstractly() } catch { problems.append("\(error)") }
    let program = try Compiler.program(plan, options)
    for pattern: UInt8 in [0xA5, 0xFF] {
      for (parameter, tensor) in zip(program.parameterNames, tensors) { try program.set(parameter, tensor) }
      try program.runPoisoned(pattern)
      problems += differences(try results(program), expected[0], "first run")
      try program.run()
      problems += differences(try results(program), expected[1], "second run")
    }
    if let found = try program.measureMemory(countsBuffers: false)?.highestByteCount {
      let planned = plan.memory.arenaByteCount
      // A loop without an iteration writes nothing, and a sort not the last line of its scratch.
      let mayWriteLess = plan.schedule.steps.contains { step in
        switch step {
        case .loopBegin(let loop): loop.runTimeCount != nil
        case .call(let call): plan.schedule.functions[call.function].kind == "sort"
        case .copy, .storeIteration, .loopEnd: false
        }
      }
      if found > planned || (found < planned && !mayWriteLess) {
        problems.append("\(found) bytes are written, \(planned) are planned")
      }
    }
    if configuration.isWatched { _ = try program.verify() }
    return problems
  }

  private func results(_ program: CompiledProgram) throws -> [HostTensor] {
    try graph.results.indices.map { try program.result(at: $0) }
  }

  private func differences(_ found: [HostTensor], _ needed: [HostTensor], _ stage: String) -> [String] {
    needed.indices.compactMap { index in
      guard !found[index].isIdentical(to: needed[index]) else { return nil }
      return "\(stage): \(graph.resultRoles[index].name) differs: \(found[index].firstDifference(from: needed[index]))"
    }
  }
}

extension HostTensor {
  /// The first element that differs, for messages.
  func firstDifference(from needed: HostTensor) -> String {
    guard type == needed.type else { return "\(type) instead of \(needed.type)" }
    let pairs = zip(doubles, needed.doubles).enumerated()
    let differing = pairs.filter { !($1.0 == $1.1 && $1.0.sign == $1.1.sign) && !($1.0.isNaN && $1.1.isNaN) }
    guard let (index, (found, right)) = differing.first else { return "no element" }
    return "element \(index) of \(type) is \(found), needs \(right); \(differing.count) differ"
  }
}
