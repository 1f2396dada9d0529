import GraphIR
import Operators

/// The active parts of a loop: what gets cotangents.
struct LoopActivity {
  /// Positions of active carries.
  let carries: [Int]
  /// Captured values whose cotangents are summed over the iterations.
  let invariants: [Graph.Value]
  /// Positions of active slices of sequences.
  let slices: [Int]
  /// Positions of active outputs.
  let outputs: [Int]

  init(_ loop: Repeat, _ source: Graph, _ activity: Activity) {
    carries = loop.carries.indices.filter { index in
      activity.isActive(loop.carries[index]) || activity.isActive(loop.nextCarries[index])
    }
    invariants = source.capturedValues(of: loop.region).filter(activity.isActive)
    slices = loop.slices.indices.filter { activity.isActive(loop.slices[$0]) }
    outputs = loop.stackedOutputs.indices.filter { activity.isActive(loop.stackedOutputs[$0]) }
  }
}

/// The cotangents that flow through a loop backward: of the carries, and sums for the captured values.
struct LoopCotangents {
  let active: LoopActivity
  var carries: [Graph.Value]
  var invariants: [Graph.Value]
  /// Of the active sequences, once the loop is done.
  var sequences: [Graph.Value] = []

  /// Starts from the cotangents of the loop's results; sums start from what is already there, so that gradients add up
  /// in the order of the unrolled program.
  init(_ differentiator: Differentiator, _ loop: Repeat, _ cotangents: Cotangents) {
    let build = differentiator.build
    active = LoopActivity(loop, differentiator.source, differentiator.activity)
    carries = active.carries.map { index in
      cotangents[loop.finalCarries[index]] ?? build.nothing(build.type(of: differentiator[loop.finalCarries[index]]))
    }
    invariants = active.invariants.map { value in
      cotangents[value] ?? build.nothing(build.type(of: differentiator[value]))
    }
  }

  var values: [Graph.Value] { carries + invariants }

  /// Takes the results of the backward loop: carries, sums, then sequences.
  mutating func replace(_ results: [Graph.Value]) {
    let count = values.count
    sequences = Array(results.dropFirst(count))
    invariants = Array(results[carries.count..<count])
    carries = Array(results.prefix(carries.count))
  }

  func store(_ differentiator: Differentiator, _ loop: Repeat, _ cotangents: inout Cotangents) {
    for (value, cotangent) in zip(active.invariants, invariants) { cotangents[value] = cotangent }
    for (index, cotangent) in zip(active.slices, sequences) {
      differentiator.accumulate(cotangent, to: loop.stackedInputs[index], &cotangents)
    }
    for (index, cotangent) in zip(active.carries, carries) {
      let initial = loop.initialCarries[index]
      if differentiator.activity.isActive(initial) {
        differentiator.accumulate(cotangent, to: initial, &cotangents)
      }
    }
  }
}
