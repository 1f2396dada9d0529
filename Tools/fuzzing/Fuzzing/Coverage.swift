import GraphIR
import Operators
import TestSupport

/// What the programs of some seeds use, and how they were looked at.
public struct Coverage {
  static let fewestUses = 20

  private(set) var programCount = 0
  private(set) var uses: [String: Int] = [:]
  private(set) var checks: [FuzzCase.Check: Int] = [:]
  private(set) var configurations: [String: Int] = [:]
  private(set) var specialCount = 0

  public init(_ seeds: [UInt64]) {
    programCount = seeds.count
    for seed in seeds { count(ProgramCases.cases(seed: seed)) }
  }

  private mutating func count(_ cases: [FuzzCase]) {
    guard let graph = cases.first?.graph else { return }
    specialCount += cases[0].data.hasSpecialValues ? 1 : 0
    graph.forEachOperation { identifier, _ in uses[graph[identifier].name, default: 0] += 1 }
    for tested in cases {
      checks[tested.check, default: 0] += 1
      guard tested.check != .text, tested.check != .gradient, tested.check != .modes else { continue }
      configurations["\(tested.configuration)", default: 0] += 1
    }
  }

  public var rareOperators: [String] {
    OperatorTable.all.map(\.name).filter { uses[$0, default: 0] < Self.fewestUses }
  }

  public var text: String {
    let operators = OperatorTable.all.map { "\($0.name) \(uses[$0.name, default: 0])" }
    let counts = FuzzCase.Check.allCases.map { "\($0.rawValue) \(checks[$0, default: 0])" }
    return """
      \(programCount) programs, \(specialCount) of them with NaNs, infinities and subnormals
      checks: \(counts.joined(separator: ", "))
      configurations: \(configurations.count)
      uses: \(operators.joined(separator: ", "))
      """
  }
}
