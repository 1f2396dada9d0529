import GraphIR
import Operators
import TensorTypes

/// A model in the DSL: a structure of weights and layers that computes one step.
public protocol Model {
  /// Declares the inputs and computes the loss.
  func step(_ inputs: Inputs) -> Step
}

/// What a step computes.
public struct Step {
  /// A scalar, minimized by training.
  public var loss: Tensor
  /// Further results to be reported, by name: tensors, or means with what they are over.
  public var metrics: [(name: String, value: any MetricValue)]
  /// Next values of states, by the states' names.
  public var updates: [(state: String, value: Tensor)]
  /// The line that returned them.
  let site: CallSite

  /// - Parameter count: how many the loss is a mean over where that differs from batch to batch, a scalar: means over batches
  ///   of validation weigh each by it. It is reported as `loss.count`.
  public init(
    loss: Tensor, over count: Tensor? = nil, metrics: [(name: String, value: any MetricValue)] = [],
    updates: [(state: String, value: Tensor)] = [], file: StaticString = #fileID, line: Int = #line
  ) {
    self.loss = loss
    self.metrics = metrics + (count.map { [("loss" + Metric.countSuffix, $0)] } ?? [])
    self.updates = updates
    site = CallSite(file, line)
  }
}
