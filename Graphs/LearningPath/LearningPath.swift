import Recurve

/// From momentum to the full Tiny Recursive Model: one idea per example, each measured.
public enum LearningPath {
  public static let experiments: [Experiment] = [
    start, momentum, activations, adam, depth, residuals, recurrence, sharedPasses,
    latentAndAnswer, refinement, deepSupervision, detachedRecursion, halting, weightAveraging,
    fullModel,
  ]
}
