import GraphIR
import KernelIR
import Operators
import TensorTypes

/// A product with the stored values that it reads and writes.
struct ProductAssembly {
  let contraction: Contraction
  /// Left operand, right operand, result, and the accumulator if there is one.
  let accesses: [Access]

  init(_ operation: Graph.Operation, _ axes: DotAxes, _ lowered: LoweredGraph) {
    let graph = lowered.graph
    guard let left = lowered.affineAccess(operation.operands[0]),
      let right = lowered.affineAccess(operation.operands[1])
    else { preconditionFailure("operands of a contraction must be affine in memory") }
    let shapes = operation.operands.map { graph.type(of: $0).shape }
    let type = graph.type(of: operation.results[0])
    let part = lowered.part(operation.results[0])
    var strides = (part?.offset.coefficients ?? type.shape.strides)[...]
    func axis(_ leftAxis: Int?, _ rightAxis: Int?, isInResult: Bool) -> Contraction.Axis {
      Contraction.Axis(
        extent: leftAxis.map { shapes[0][$0] } ?? rightAxis.map { shapes[1][$0] } ?? 1,
        leftStride: leftAxis.map { left.1.coefficients[$0] } ?? 0,
        rightStride: rightAxis.map { right.1.coefficients[$0] } ?? 0,
        resultStride: isInResult ? strides.removeFirst() : 0)
    }
    let batch = zip(axes.leftBatch, axes.rightBatch).map { axis($0, $1, isInResult: true) }
    let rows = axes.leftFree(shapes[0].rank).map { axis($0, nil, isInResult: true) }
    let columns = axes.rightFree(shapes[1].rank).map { axis(nil, $0, isInResult: true) }
    let inner = zip(axes.leftInner, axes.rightInner).map { axis($0, $1, isInResult: false) }
    contraction = Contraction(
      elementType: type.elementType, batch: batch, rows: rows, columns: columns, inner: inner,
      hasAccumulator: operation.operands.count == 3)
    let values =
      [left.0, right.0, part?.whole ?? operation.results[0]] + operation.operands.dropFirst(2).map(lowered.root)
    let offsets = [left.1.constant, right.1.constant, part?.offset.constant ?? 0, 0]
    let patterns = contraction.accessPatterns(offsets: offsets)
    accesses = values.indices.map { index in
      Access(
        stored: Stored(values[index]), use: index == 2 ? .write : .read, offset: offsets[index],
        pattern: patterns[index])
    }
  }
}
