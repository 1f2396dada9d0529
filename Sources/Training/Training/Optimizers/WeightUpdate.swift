import Modeling
import TensorTypes

/// What a rule knows of one weight in one step.
public struct WeightUpdate {
  /// The weight's path.
  public let path: String
  public let weight: Tensor
  /// Of the loss with respect to the weight, accumulated and clipped as the optimizer says; of the weight's type.
  public let gradient: Tensor
  /// The learning rate of the step, repeated to the weight's shape.
  public let rate: Tensor
  /// The weight decay of this weight; 0 where it does not decay.
  public let decay: Double
  let recorder: RuleRecorder

  /// A tensor kept beside the weight from step to step; its `next` is to be set.
  ///
  ///     let mean = step.state("mean")
  ///     mean.next = mean.blended(with: step.gradient, keeping: 0.9)
  ///
  /// Files hold it as `trainer/name/path`. Where gradients are accumulated it changes only in the steps that update.
  /// - Parameters:
  ///   - name: of its own in the rule, without `/`.
  ///   - shape: the weight's, unless another one is given.
  ///   - initial: every element before the first step.
  public func state(_ name: String, shape: Shape? = nil, initial: Double = 0) -> Tensor {
    recorder.state(OptimizerSlot(name, of: path), weight.type.with(shape ?? weight.shape), initial)
  }

  /// A state of the name, `mean = share mean + (1 - share) tensor`, that starts at 0; returns its next value. The tensor has
  /// the weight's shape.
  public func runningMean(_ name: String, of tensor: Tensor, keeping share: Double) -> Tensor {
    let mean = state(name)
    mean.next = mean.blended(with: tensor, keeping: share)
    return mean.next
  }

  /// `1 / (1 - factor^t)` in step t = 1, 2, ..., repeated to the weight's shape: what a running mean
  /// `m = factor m + (1 - factor) x` that starts at 0 is multiplied by to have no bias (Kingma and Ba 2015). The power is kept
  /// in double precision, once for all weights of the rule.
  public func biasCorrection(_ name: String, _ factor: Double) -> Tensor {
    let power = recorder.power(name, factor)
    let correction = 1 / (1 - power)
    let type = weight.type.elementType
    return (type == power.type.elementType ? correction : correction.converted(to: type)).repeated(to: weight.shape)
  }

  /// The weight shrunk towards zero apart from the gradient: `weight * (1 - rate * decay)` (Loshchilov and Hutter 2019).
  public var decayed: Tensor { decay == 0 ? weight : weight * (1 - rate * decay) }

  /// The gradient of the loss with a penalty on the weight's square: `gradient + decay * weight`.
  public var penalized: Tensor { decay == 0 ? gradient : gradient + weight * decay }
}

extension Tensor {
  /// `tensor * share + other * (1 - share)`, written as the papers do: a running mean.
  public func blended(with other: Tensor, keeping share: Double) -> Tensor { self * share + other * (1 - share) }

  /// `tensor / (sqrt(squares) + epsilon)`.
  func normalized(by squares: Tensor, epsilon: Double) -> Tensor { self / (sqrt(squares) + epsilon) }
}
