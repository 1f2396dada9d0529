import GraphIR
import KernelIR
import Operators
import TensorTypes

/// A contraction with the stored values it reads and writes.
struct AssembledContraction {
  var contraction: Contraction
  var left: Operand
  var right: Operand
  var accumulator: Graph.Value?
  /// Where the result goes: a value of its own, or a part of one.
  var result: Operand

  /// A stored value and the offset, in elements, at which the operand starts in it.
  struct Operand {
    var value: Graph.Value
    var offset: Int
  }

  init(_ operation: Graph.Operation, _ axes: DotAxes, _ lowered: LoweredGraph) {
    let graph = lowered.graph
    guard let left = lowered.affineAccess(operation.operands[0]),
      let right = lowered.affineAccess(operation.operands[1])
    else { preconditionFailure("operands of a contraction must be affine in memory") }
    let (leftShape, rightShape) = (
      graph.type(of: operation.operands[0]).shape, graph.type(of: operation.operands[1]).shape
    )
    let type = graph.type(of: operation.results[0])
    let (rows, columns) = (axes.leftFree(leftShape.rank), axes.rightFree(rightShape.rank))
    let part = lowered.part(operation.results[0])
    var strides = (part?.offset.coefficients ?? type.shape.strides)[...]
    func axis(_ leftAxis: Int?, _ rightAxis: Int?, isInResult: Bool) -> Contraction.Axis {
      Contraction.Axis(
        extent: leftAxis.map { leftShape[$0] } ?? rightAxis.map { rightShape[$0] } ?? 1,
        leftStride: leftAxis.map { left.1.coefficients[$0] } ?? 0,
        rightStride: rightAxis.map { right.1.coefficients[$0] } ?? 0,
        resultStride: isInResult ? strides.removeFirst() : 0)
    }
    let batch = zip(axes.leftBatch, axes.rightBatch).map { axis($0, $1, isInResult: true) }
    let rowAxes = rows.map { axis($0, nil, isInResult: true) }
    let columnAxes = columns.map { axis(nil, $0, isInResult: true) }
    let inner = zip(axes.leftInner, axes.rightInner).map { axis($0, $1, isInResult: false) }
    contraction = Contraction(
      elementType: type.elementType, batch: batch, rows: rowAxes, columns: columnAxes, inner: inner,
      hasAccumulator: operation.operands.count == 3)
    self.left = Operand(value: left.0, offset: left.1.constant)
    self.right = Operand(value: right.0, offset: right.1.constant)
    accumulator = operation.operands.count == 3 ? lowered.root(operation.operands[2]) : nil
    result = Operand(value: part?.whole ?? operation.results[0], offset: part?.offset.constant ?? 0)
  }
}
