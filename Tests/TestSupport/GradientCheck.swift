import Differentiation
import GraphIR
import Operators
import ReferenceEvaluation
import TensorTypes

/// Compares the gradient of a graph's first result with central differences, in double precision.
public enum GradientCheck {
  /// The largest difference over all elements of all weights, in units of the larger of 1 and the gradient.
  public static func largestError(_ graph: Graph, _ parameters: [HostTensor], step: Double = 1e-5) throws -> Double {
    let double = graph.inDoublePrecision()
    let tensors = parameters.map { $0.elementType == .float32 ? $0.converted(to: .float64) : $0 }
    let gradients = ReferenceEvaluator.evaluate(try double.differentiated().graphOfGradients, tensors)
    let weights = double.parameterRoles.indices.filter { double.parameterRoles[$0] == .weight }
    return zip(weights, gradients).reduce(0) { worst, pair in
      max(worst, error(double, tensors, parameter: pair.0, gradient: pair.1.doubles, step: step))
    }
  }

  private static func error(
    _ graph: Graph, _ tensors: [HostTensor], parameter: Int, gradient: [Double], step: Double
  ) -> Double {
    gradient.indices.reduce(0) { worst, index in
      func loss(_ shift: Double) -> Double {
        var shifted = tensors
        var elements = tensors[parameter].doubles
        elements[index] += shift
        shifted[parameter] = HostTensor(tensors[parameter].shape, .float64(elements))
        return ReferenceEvaluator.evaluate(graph, shifted)[0].doubles[0]
      }
      let difference = (loss(step) - loss(-step)) / (2 * step)
      return max(worst, abs(difference - gradient[index]) / max(1, abs(gradient[index])))
    }
  }
}
