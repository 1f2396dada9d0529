import Puzzles
import Recurve

/// A model that fills a Sudoku move by move: from the grid it scores every number in every cell, and the best legal one is
/// written; the grid is the only state.
///
/// Trained on whole puzzles, by the cross-entropy of the blank cells. Three bodies: a perceptron; two encoder layers as in BERT
/// (Devlin et al. 2019); one such layer applied four times. Shapes: B batch, S cells, D width, N numbers.
public struct SudokuByMoves: Model {
  public enum Variant: String, Sendable, CaseIterable { case bert, recurrent, mlp }

  let size: SudokuSize
  let batch: Int
  let body: any GridBody

  public init(
    _ variant: Variant, _ size: SudokuSize = .four, batch: Int, applications: Int = 4, gradient: GradientMode = .full
  ) {
    (self.size, self.batch) = (size, batch)
    body =
      switch variant {
      case .bert: Encoder(size, layers: 2)
      case .recurrent: Encoder(size, layers: 1, applications: applications, gradient: gradient)
      case .mlp: Perceptron(size)
      }
  }

  public func step(_ inputs: Inputs) -> Step {
    let shape: Shape = ["B": batch, "S": size.cellCount]
    let (grid, labels) = (inputs("grid", shape, .int32), inputs("labels", shape, .int32))
    let scores = body.scores(grid)
    let isAsked = (labels .>= 0).converted(to: .float32)
    let count = isAsked.sum()
    let loss = crossEntropy(scores, labels, ignoring: -1).sum() / maximum(count, 1)
    let found = scores.argmax(axis: 2)
    let right = ((found .== labels).converted(to: .float32) * isAsked).sum()
    return Step(
      loss: loss, over: count, metrics: [("cell_accuracy", Metric(value: right, count: count)), ("numbers", found + 1)])
  }

  /// The grid after moves: `i32[B, S] -> i32[B, S]`.
  ///
  /// - Parameter count: `i32[]`, how many; a grid that is full or has no legal move stays as it is.
  func played(_ grid: Tensor, moves count: Tensor) -> Tensor {
    recur(count, atMost: Self.mostMoves, carrying: grid) { grid in moved(grid) }
  }

  static let mostMoves = 64

  /// The grid with the number that scores highest among those that its row, column and box allow in a blank cell.
  private func moved(_ grid: Tensor) -> Tensor {
    scope("move") {
      let (cells, side) = (size.cellCount, size.side)
      let isThere = oneHot(grid - 1, count: side)  // [B, S, N]
      let isTaken = matmul(peers, isThere) .> isThere * 0
      let isLegal = (grid .== 0).expanded(at: 2) .& .!isTaken
      let scores = body.scores(grid)
      let legal = select(isLegal, scores, -Self.never).reshaped(to: [grid.shape[0], cells * side])
      let canMove = (legal.max(axis: 1, keepsAxis: true) .>= -Self.never / 2).converted(to: .int32)
      let best = oneHot(legal.argmax(axis: 1), count: cells * side)
      let written = best.reshaped(to: [grid.shape[0], cells, side])
      let numbers = (Tensor.iota([side], axis: 0) + 1).converted(to: .float32)
      return grid + (written * numbers).sum(axis: 2).converted(to: .int32) * canMove
    }
  }

  private static let never = 1e30

  /// 1 where two cells see each other: `[S, S]`.
  private var peers: Tensor {
    let cells = size.cellCount
    let numbers = size.peers.flatMap { peers in
      let own = Set(peers)
      return (0..<cells).map { Float(own.contains($0) ? 1 : 0) }
    }
    return .values(HostTensor(Shape([cells, cells]), numbers))
  }
}
