import EncoderTransformer
import Puzzles
import Recurve

/// What scores digits: `i32[B, S] -> [B, S, N]`.
protocol GridBody: Sendable {
  func scores(_ grid: Tensor) -> Tensor
}

/// Two inner layers with rectifiers, over the cells one by one as blank or one of N digits: 80 - 128 - 128 - 64 and 35,136
/// weights for 4x4.
struct Perceptron: GridBody {
  let size: SudokuSize
  let first: Linear
  let second: Linear
  let readout: Linear

  init(_ size: SudokuSize) {
    self.size = size
    let width = size == .four ? 128 : 512
    first = Linear(size.cellCount * (size.side + 1), width, hasBias: true)
    second = Linear(width, width, hasBias: true)
    readout = Linear(width, size.cellCount * size.side, hasBias: true)
  }

  func scores(_ grid: Tensor) -> Tensor {
    let x = oneHot(grid, count: size.side + 1).reshaped(to: [grid.shape[0], -1])
    return readout(relu(second(relu(first(x))))).reshaped(to: [grid.shape[0], size.cellCount, size.side])
  }
}

/// Encoder layers with the norm behind each part, once one after another or applied as often as asked.
struct Encoder: GridBody {
  let values: Embedding
  let positions: Weight
  let norm = LayerNorm(width: width, epsilon: EncoderLayer.epsilon)
  let layers: [EncoderLayer]
  let readout: Linear
  /// Nil for layers that nothing repeats.
  let applications: Int?
  let gradient: GradientMode

  static let width = 128
  static let dropoutRate = 0.1

  /// - Parameter gradient: how far it reaches back through the applications.
  init(_ size: SudokuSize, layers count: Int, applications: Int? = nil, gradient: GradientMode = .full) {
    values = Embedding(count: size.side + 1, width: Self.width, .normal(standardDeviation: 0.02))
    positions = Weight([size.cellCount, Self.width], .normal(standardDeviation: 0.02))
    layers = (0..<count).map { _ in
      EncoderLayer(width: Self.width, heads: 4, inner: 256, dropoutRate: Self.dropoutRate)
    }
    readout = Linear(Self.width, size.side, hasBias: true)
    self.applications = applications
    self.gradient = gradient
  }

  func scores(_ grid: Tensor) -> Tensor {
    let start = dropout(norm(values(grid) + positions.tensor), rate: Self.dropoutRate)
    guard let applications else { return readout(through(start)) }
    return readout(recur(applications, carrying: start, gradient: gradient, through))
  }

  private func through(_ h: Tensor) -> Tensor { layers.reduce(h) { $1($0) } }
}
