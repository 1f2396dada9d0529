import Differentiation
import GraphIR
import Operators
import TensorTypes
import TestSupport

/// What is asked of the program of one seed.
public enum ProgramCases {
  public static func cases(
    seed: UInt64, planting kind: PlantedFault.Kind? = nil, sizes: RandomProgram.Sizes = .any
  ) -> [FuzzCase] {
    var random = CounterRandom(seed: seed &* 0x5851_F42D &+ 3)
    func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    let program = RandomProgram(seed: seed, sizes: sizes, hasSpecialValues: below(10) < 3)
    // Most programs stay whole.
    let fault = below(6) == 0 ? kind.map { PlantedFault($0, seed: seed) } : nil
    func tested(_ check: FuzzCase.Check) -> FuzzCase {
      FuzzCase(
        check: check, configuration: configuration(below), data: program.data,
        fault: fault, graph: program.graph)
    }
    var checks: [FuzzCase.Check] = [.text, [.forward, .backward][below(2)], .backward]
    if below(3) == 0 { checks.append(.modes) }
    if below(2) == 0, !program.data.hasSpecialValues { checks.append(.gradient) }
    if below(25) == 0 { checks.append([.memory, .memory, .races][below(3)]) }
    return checks.map(tested)
  }

  private static func configuration(_ below: (Int) -> Int) -> Configuration {
    let passes = Configuration.dispensablePasses
    return Configuration(
      workerCount: 1 + below(3), fuses: below(4) > 0,
      streams: [.smallest, .smallest, .standard, .never][below(4)], hasLowThresholds: below(3) == 0,
      leftOutPass: below(3) == 0 ? passes[below(passes.count)] : nil, optimization: below(2) == 0 ? 1 : 3,
      isWatched: below(6) == 0)
  }
}
