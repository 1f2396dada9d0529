import Synchronization

/// Counts how often a graph, and every graph made from it, is asked for one of its operations, values or regions.
///
/// A measure of the compiler's work that depends on nothing but the graph: no clock, no other work of the process.
public final class VisitCounter: Sendable {
  private let visits = Atomic<Int>(0)

  public init() {}

  public var count: Int { visits.load(ordering: .relaxed) }

  func add() { visits.add(1, ordering: .relaxed) }
}
