import GraphIR
import Operators
import TensorTypes

/// What happens to gradients before the optimizer sees them: accumulation over steps, then clipping.
struct GradientPreparation {
  private let build: GraphBuilder
  private let states: OptimizerStates
  private let optimizer: Optimizer

  init(_ build: GraphBuilder, _ states: OptimizerStates, _ optimizer: Optimizer) {
    self.build = build
    self.states = states
    self.optimizer = optimizer
  }

  func prepare(_ gradients: [Graph.Value], of weights: [Graph.Value]) -> [Graph.Value] {
    clipped(accumulated(gradients, of: weights))
  }

  /// Means over the micro-steps since the last update; right in the step that updates.
  private func accumulated(_ gradients: [Graph.Value], of weights: [Graph.Value]) -> [Graph.Value] {
    let count = optimizer.microStepCount
    if count <= 1 { return gradients }
    let isDue = countMicroSteps(count)
    let sums = zip(weights, gradients).map { weight, gradient in
      let slot = OptimizerSlot("accumulated", of: build.graph[weight].name)
      let state = states.add(slot, build.type(of: gradient), initial: 0)
      let sum = build.add(state, build.scale(gradient, by: 1 / Double(count)))
      let next = build.select(build.spread(isDue, like: sum), build.constant(0, like: sum), sum)
      states.update(state, to: next)
      return sum
    }
    states.isDue = isDue
    return sums
  }

  /// Counts steps from 1 to `count` and starts anew; returns whether the present one is the last.
  private func countMicroSteps(_ count: Int) -> Graph.Value {
    let (slot, type) = (OptimizerSlot("accumulated.steps"), TensorType.scalar)
    let state = states.add(slot, type, initial: 0)
    states.counters.append(StateCounter(slot: slot, range: 0...Double(count - 1), isWhole: true))
    let present = build.add(state, build.constant(1, type))
    let isDue = build.emit1(.equal, present, build.constant(Double(count), type))
    states.update(state, to: build.select(isDue, build.constant(0, type), present))
    return isDue
  }

  private func clipped(_ gradients: [Graph.Value]) -> [Graph.Value] {
    guard let limit = optimizer.clippingNorm, let norm = globalNorm(gradients) else { return gradients }
    let share = build.divide(
      build.constant(limit, like: norm), build.add(norm, build.constant(1e-6, like: norm)))
    let factor = build.emit1(.minimum, share, build.constant(1, like: norm))
    return gradients.map { gradient in
      let own = build.convert(factor, to: build.type(of: gradient).elementType)
      return build.multiply(gradient, build.spread(own, like: gradient))
    }
  }

  /// The root of the sum of all squares, in double precision once each gradient is summed.
  private func globalNorm(_ gradients: [Graph.Value]) -> Graph.Value? {
    let squares = gradients.map { gradient in
      let axes = Array(0..<build.type(of: gradient).shape.rank)
      return build.convert(build.sum(build.multiply(gradient, gradient), axes), to: .float64)
    }
    guard let first = squares.first else { return nil }
    return build.emit1(.squareRoot, squares.dropFirst().reduce(first, build.add))
  }
}
