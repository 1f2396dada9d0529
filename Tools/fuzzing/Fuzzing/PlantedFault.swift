import Compilation
import GraphIR
import KernelIR
import MemoryPlanning
import Operators
import TensorTypes

/// A fault that is put into one place of a program, to see whether the checks find it.
public struct PlantedFault: Hashable, Sendable, Codable {
  public var kind: Kind
  /// Decides where.
  public var seed: UInt64

  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// One kernel computes some of its elements wrong.
    case kernel
    /// One buffer is taken for dead before its last use.
    case lifetime
    /// One operation of the backward part is another one.
    case gradient
  }

  public init(_ kind: Kind, seed: UInt64) {
    self.kind = kind
    self.seed = seed
  }

  private func place(among count: Int) -> Int {
    var random = CounterRandom(seed: seed)
    return Int(random.next() % UInt64(count))
  }

  func plant(into plan: inout CompilationPlan, _ planner: MemoryPlanner) {
    switch kind {
    case .kernel: plantKernel(&plan)
    case .lifetime: plantLifetime(&plan, planner)
    case .gradient: break
    }
  }

  /// The last column, or row, of what a loop nest stores changes its sign.
  private func plantKernel(_ plan: inout CompilationPlan) {
    let places = plan.schedule.functions.indices.flatMap { function in
      plan.schedule.functions[function].stores.map { (function: function, stage: $0.stage, statement: $0.statement) }
    }
    guard !places.isEmpty else { return }
    let place = places[place(among: places.count)]
    guard case .nest(var kernel) = plan.schedule.functions[place.function] else { return }
    kernel.negate(stage: place.stage, statement: place.statement)
    plan.schedule.functions[place.function] = .nest(kernel)
  }

  /// The bytes of one buffer are planned as if it were dead after its first position.
  private func plantLifetime(_ plan: inout CompilationPlan, _ planner: MemoryPlanner) {
    var problem = plan.schedule.problem
    let long = problem.buffers.indices.filter { problem.buffers[$0].byteCount > 0 && problem.buffers[$0].isLong }
    guard !long.isEmpty else { return }
    let index = long[place(among: long.count)]
    let buffer = problem.buffers[index]
    let start = buffer.intervals[0].lowerBound
    problem.buffers[index] = Buffer(
      id: buffer.id, byteCount: buffer.byteCount, intervals: [start..<(start + 1)], name: buffer.name)
    let offsets = planner.plan(problem).offsets
    plan.memory = MemoryPlan(offsets: offsets, for: plan.schedule.problem, method: "planted")
  }

  /// A sum becomes a difference, a product a sum, and so on.
  func plant(intoBackward graph: inout Graph) {
    guard kind == .gradient else { return }
    let others = ["add": "subtract", "subtract": "add", "multiply": "add", "divide": "multiply", "negate": "copy"]
    let places = graph.operations.indices.filter {
      graph.operations[$0].annotation.role == .backward && others[graph.operations[$0].name] != nil
        && graph.type(of: graph.operations[$0].results[0]).elementType.isFloatingPoint
    }
    guard !places.isEmpty else { return }
    let index = places[place(among: places.count)]
    graph.operations[index].name = others[graph.operations[index].name] ?? graph.operations[index].name
  }
}

extension Buffer {
  fileprivate var isLong: Bool { intervals.count > 1 || intervals.contains { $0.count > 1 } }
}

extension KernelFunction {
  /// Where a loop nest stores floating-point numbers.
  fileprivate var stores: [(stage: Int, statement: Int)] {
    guard case .nest(let kernel) = self else { return [] }
    return kernel.stages.indices.flatMap { stage in
      kernel.stages[stage].statements.indices.filter { statement in
        guard case .store(let buffer, _, _) = kernel.stages[stage].statements[statement] else { return false }
        return kernel.buffers[buffer].elementType.isFloatingPoint
      }.map { (stage, $0) }
    }
  }
}

extension Kernel {
  fileprivate mutating func negate(stage: Int, statement: Int) {
    var statements = stages[stage].statements
    guard case .store(let buffer, let index, let expression) = statements[statement] else { return }
    let extents = rowExtents + columnExtents
    let rank = index.coefficients.count
    let negative = ScalarExpression.apply(.negate, [expression])
    let axis = (0..<min(rank, extents.count)).last { index.coefficients[$0] != 0 }
    let changed = axis.map {
      ScalarExpression.choose(.isWithin(.axis($0, of: rank), (extents[$0] - 1)..<extents[$0]), negative, expression)
    }
    statements[statement] = .store(buffer, index, changed ?? negative)
    stages[stage] = if case .row = stages[stage] { .row(statements) } else { .columns(statements) }
  }
}
