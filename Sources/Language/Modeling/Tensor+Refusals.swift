import Operators
import TensorTypes

extension Tensor {
  /// The body's tensor, unless an axis is not there: the message names it as it was written.
  func checked(_ function: String, axes: [Int], _ body: () -> Tensor) -> Tensor {
    for axis in axes where !(0..<rank).contains(position(axis)) {
      return refused(.missing(axis, of: type, function), type)
    }
    return body()
  }

  func refused(_ problem: TypeError, _ type: TensorType) -> Tensor { Modeling.refused([self], problem, type) }
}

extension TypeError {
  /// An axis is not there; it is named as it was written.
  static func missing(_ axis: Int, of type: TensorType, _ function: String) -> TypeError {
    let rank = type.shape.rank
    let range = rank == 0 ? "none" : "\(-rank)...\(rank - 1)"
    return TypeError("\(function).axis", "axis \(axis) is not there; the axes of \(type) are \(range)")
  }
}

/// Notes a problem of a call with these operands; returns a placeholder of the type that the result would have.
func refused(_ operands: [Tensor], _ problem: any Error, _ type: TensorType) -> Tensor {
  guard let trace = Trace.current else { return Tensor(strayOf: type) }
  // What follows from an error is not reported, but for a tensor of elsewhere.
  if trace.values(of: operands) != nil { trace.note(problem) }
  return Tensor(trace, nil, type)
}
