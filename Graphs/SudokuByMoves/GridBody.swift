import Recurve

/// What scores numbers: `i32[B, S] -> [B, S, N]`.
protocol GridBody: Sendable {
  func scores(_ grid: Tensor) -> Tensor
}

/// 80 - 128 - 128 - 64 with rectifiers, over the cells one by one as one of five: 35,136 weights.
struct Perceptron: GridBody {
  let first = Linear(80, 128, hasBias: true)
  let second = Linear(128, 128, hasBias: true)
  let readout = Linear(128, 64, hasBias: true)

  func scores(_ grid: Tensor) -> Tensor {
    let x = oneHot(grid, count: 5).reshaped(to: [grid.shape[0], 80])
    return readout(relu(second(relu(first(x))))).reshaped(to: [grid.shape[0], SolutionGrids.cells, 4])
  }
}

/// Encoder layers with the normalization behind each part, applied one or several times.
struct Encoder: GridBody {
  let values = Embedding(count: 5, width: width, .normal(standardDeviation: 0.02))
  let positions = Weight([SolutionGrids.cells, width], .normal(standardDeviation: 0.02))
  let norm = LayerNorm(width: width, epsilon: 1e-12)
  let layers: [Layer]
  let readout = Linear(width, 4, hasBias: true)
  let applications: Int
  let gradient: GradientMode

  static let width = 128

  init(layers count: Int, applications: Int, gradient: GradientMode) {
    layers = (0..<count).map { _ in Layer() }
    self.applications = applications
    self.gradient = gradient
  }

  func scores(_ grid: Tensor) -> Tensor {
    let start = dropout(norm(values(grid) + positions.tensor), rate: Layer.dropoutRate)
    if applications == 1 { return readout(through(start)) }
    return readout(recur(applications, carrying: start, gradient: gradient, through))
  }

  private func through(_ h: Tensor) -> Tensor { layers.reduce(h) { $1($0) } }

  /// `norm(h + attention(h))`, then `norm(h + feed-forward(h))`.
  struct Layer: Sendable {
    let attention = SelfAttention(width: width, heads: 4)
    let first = LayerNorm(width: width, epsilon: 1e-12)
    let inner = Linear(width, 256, hasBias: true)
    let outer = Linear(256, width, hasBias: true)
    let second = LayerNorm(width: width, epsilon: 1e-12)

    static let dropoutRate = 0.1

    func callAsFunction(_ h: Tensor) -> Tensor {
      let mixed = first(h + dropout(attention(h), rate: Self.dropoutRate))
      return second(mixed + dropout(outer(gelu(inner(mixed))), rate: Self.dropoutRate))
    }
  }
}
