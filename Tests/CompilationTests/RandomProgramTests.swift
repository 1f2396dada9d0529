import Differentiation
import Fuzzing
import GraphIR
import KernelIR
import Operators
import TensorTypes
import TestSupport
import Testing

/// Random programs: every compilation gives the bits of the reference evaluation of the untouched graph.
@Suite struct RandomProgramTests {
  @Test(arguments: 0..<16) func compiledEqualsReference(_ seed: Int) throws {
    let program = RandomProgram(seed: UInt64(seed))
    try ProgramCheck(program.graph, program.tensors, "seed \(seed) forward").run(.few(seed))
    try ProgramCheck(program.graph.withGradients(), program.tensors, "seed \(seed) gradient").run(.few(seed))
  }
}

/// Holds compilations of one graph against two runs of its reference evaluation.
struct ProgramCheck {
  enum Extent {
    /// The standard pipeline with one number of workers, one pass left out, and no fusion; chosen by the number.
    case few(Int)
  }

  let graph: Graph
  let check: Fuzzing.ProgramCheck
  let name: String

  static let smallestStreams: StreamLimits = Configuration.smallestStreams

  init(_ graph: Graph, _ tensors: [HostTensor], _ name: String) {
    self.graph = graph
    self.name = name
    check = Fuzzing.ProgramCheck(graph, tensors)
  }

  func run(_ extent: Extent) throws {
    #expect(graph.allViolations().isEmpty, "\(name)")
    let seed =
      switch extent {
      case .few(let seed): seed
      }
    let passes = Configuration.dispensablePasses
    let configurations = [
      Configuration(workerCount: 1 + seed % 3, streams: .smallest, hasLowThresholds: seed % 2 == 0),
      Configuration(workerCount: 1 + (seed + 1) % 3, leftOutPass: passes[seed % passes.count]),
      Configuration(workerCount: 1 + (seed + 2) % 3, fuses: false, hasLowThresholds: seed % 2 == 1),
    ]
    for configuration in configurations {
      let problems = try check.problems(configuration)
      #expect(problems.isEmpty, "\(name), \(configuration): \(problems)")
    }
  }
}
