import ArgumentParser
import Differentiation
import Execution
import GraphIR
import Operators
import Training

/// Ranges of the numbers that commands take, each checked before anything else happens.
enum ArgumentChecks {
  static let steps: ClosedRange<Int> = 1...TrainingPlan.largestStepCount
  static let iterations: ClosedRange<Int> = 1...1_000_000
  /// Shapes of so many sequences have byte counts within 64 bits.
  static let batch: ClosedRange<Int> = 1...1_000_000_000
  static let threads: ClosedRange<Int> = 1...ExecutionError.mostWorkers

  /// - Throws: `ValidationError` with the option, what it is and what it needs.
  static func check(_ option: String, _ value: Int?, _ range: ClosedRange<Int>) throws {
    guard let value else { return }
    if value < range.lowerBound {
      throw ValidationError("--\(option) is \(value), needs at least \(range.lowerBound)")
    }
    if value > range.upperBound { throw ValidationError("--\(option) is \(value), needs at most \(range.upperBound)") }
  }

  /// Runs a check of the library, whose error becomes one about the command line.
  static func asUsage(_ body: () throws -> Void) throws {
    do { try body() } catch let error as ValidationError { throw error } catch { throw ValidationError("\(error)") }
  }

  /// A gradient that is to reach back further than there are iterations would quietly be a full one.
  ///
  /// - Throws: `CommandError.reach`.
  static func checkReach(of mode: GradientMode?, iterations: Int) throws {
    if case .last(let count)? = mode, count > iterations {
      throw CommandError.reach(found: count, iterations: iterations)
    }
  }

  /// The same for the loops of a model that have the mode.
  static func checkReach(of mode: GradientMode?, in graph: Graph) throws {
    guard case .last(let count)? = mode else { return }
    var counts: [Int] = []
    graph.forEachOperation { identifier, _ in
      let operation = graph[identifier]
      guard case .loop = operation.used.semantics,
        operation.attributes.text("gradient") == GradientMode.last(count).name
      else { return }
      counts.append(operation.attributes.integer("count"))
    }
    if let most = counts.max() { try checkReach(of: mode, iterations: most) }
  }
}
