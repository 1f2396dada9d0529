import Compilation
import Differentiation
import Foundation
import GraphIR
import Operators
import ReferenceEvaluation
import Scheduling
import TensorTypes
import TestSupport
import Testing
import Transforms

/// Random programs: every compilation gives the bits of the reference evaluation of the untouched graph.
@Suite struct RandomProgramTests {
  @Test(arguments: 0..<16) func compiledEqualsReference(_ seed: Int) throws {
    let program = RandomProgram(seed: UInt64(seed))
    try ProgramCheck(program.graph, program.tensors, "seed \(seed) forward").run(.few(seed))
    try ProgramCheck(program.graph.withGradients(), program.tensors, "seed \(seed) gradient").run(.few(seed))
  }

  /// The long sweep: `RECURVE_FUZZ=N` runs N seeds, from `RECURVE_FUZZ_START`, with every pass left out in turn.
  @Test func sweep() throws {
    let environment = ProcessInfo.processInfo.environment
    guard let count = environment["RECURVE_FUZZ"].flatMap({ Int($0) }) else { return }
    let start = environment["RECURVE_FUZZ_START"].flatMap { Int($0) } ?? 1000
    for seed in start..<(start + count) {
      let program = RandomProgram(seed: UInt64(seed))
      print("seed \(seed)")
      try ProgramCheck(program.graph, program.tensors, "seed \(seed) forward").run(.few(seed))
      try ProgramCheck(program.graph.withGradients(), program.tensors, "seed \(seed) gradient").run(.all)
    }
  }
}

extension Graph {
  /// The graph with the gradients of its first result among its results.
  func withGradients() throws -> Graph {
    let differentiated = try differentiated()
    var graph = differentiated.graph
    for (index, gradient) in differentiated.gradients.enumerated() {
      graph.addResult(gradient, name: "gradient\(index)")
    }
    return graph
  }
}

/// Holds compilations of one graph against two runs of its reference evaluation.
struct ProgramCheck {
  enum Extent {
    /// The standard pipeline with one number of workers, one pass left out, and no fusion; chosen by the number.
    case few(Int)
    case all
  }

  let graph: Graph
  let tensors: [HostTensor]
  let name: String
  let expected: [[HostTensor]]

  init(_ graph: Graph, _ tensors: [HostTensor], _ name: String) {
    self.graph = graph
    self.tensors = tensors
    self.name = name
    let first = ReferenceEvaluator.evaluate(graph, tensors)
    var next = tensors
    for (role, result) in zip(graph.resultRoles, first) {
      if let parameter = role.updatedParameter { next[parameter] = result }
    }
    expected = [first, ReferenceEvaluator.evaluate(graph, next)]
  }

  func run(_ extent: Extent) throws {
    #expect(graph.allViolations().isEmpty, "\(name)")
    let pipelines = Self.pipelines
    switch extent {
    case .few(let seed):
      try check(.standard, workerCount: 1 + seed % 3, Self.smallestStreams)
      try check(pipelines[seed % pipelines.count], workerCount: 1 + (seed + 1) % 3)
      try check(.standard, workerCount: 1 + (seed + 2) % 3, fuses: false)
    case .all:
      for workerCount in 1...3 { try check(.standard, workerCount: workerCount, Self.smallestStreams) }
      for fuses in [true, false] { try check(.standard, workerCount: 2, nil, fuses: fuses) }
      for (index, pipeline) in pipelines.enumerated() { try check(pipeline, workerCount: 1 + index % 3) }
    }
  }

  /// The standard pipeline with each pass left out in turn; two of them are needed for anything to compile.
  static let pipelines: [Pipeline] = {
    let passes = Pipeline.standard.passes
    let needed = [Pass.decomposition.name, Pass.checkpointInlining.name]
    return passes.indices.filter { !needed.contains(passes[$0].name) }.map { left in
      Pipeline(passes.indices.filter { $0 != left }.map { passes[$0] })
    }
  }()

  /// Groups form wherever they can, and every tile is one panel of rows.
  static let smallestStreams: StreamLimits = {
    var limits = StreamLimits()
    (limits.fewestRows, limits.fewestMatrices, limits.fewestFlops, limits.tileByteCount) = (1, 1, 0, 0)
    return limits
  }()

  private func check(
    _ pipeline: Pipeline, workerCount: Int, _ streams: StreamLimits? = StreamLimits(), fuses: Bool = true
  ) throws {
    let optimized = pipeline.run(graph)
    #expect(optimized.allViolations().isEmpty, "\(name)")
    compare(ReferenceEvaluator.evaluate(optimized, tensors), expected[0], "after the passes")
    let program = try Compiler.compile(
      graph, CompilerOptions(workerCount: workerCount, pipeline: pipeline, fuses: fuses, streams: streams))
    for pattern: UInt8 in [0xA5, 0xFF] {
      for (parameter, tensor) in zip(program.parameterNames, tensors) { try program.set(parameter, tensor) }
      program.runPoisoned(pattern)
      compare(results(program), expected[0], "first run")
      program.run()
      compare(results(program), expected[1], "second run")
    }
    let memory = program.measureMemory(countsBuffers: false)
    #expect(memory?.highestByteCount == program.plan.memory.arenaByteCount, "\(name)")
  }

  private func results(_ program: CompiledProgram) -> [HostTensor] {
    graph.results.indices.map { program.result(at: $0) }
  }

  private func compare(_ found: [HostTensor], _ needed: [HostTensor], _ stage: String) {
    for index in needed.indices {
      let isIdentical = found[index].isIdentical(to: needed[index])
      let error = found[index].largestError(against: needed[index])
      #expect(isIdentical, "\(name), \(stage): \(graph.resultRoles[index].name) differs by \(error)")
    }
  }
}
