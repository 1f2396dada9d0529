import Recurve

/// A depthwise convolution of 3x3 cells over the grid, then a matrix over the width: `[B, L, D] -> [B, L, D]`.
///
/// A cell hears from its eight neighbours, so that what it knows spreads by one cell in every layer (Schwarzschild et al.
/// 2021, "Can You Learn an Algorithm?"; Gao et al. 2025, arXiv 2512.14693, have a short convolution in the feed-forward
/// layer). Registers hear the mean over all cells.
struct GridConvolution: Sendable {
  /// `[9, D]`: a factor for each neighbour, row by row.
  let kernel: Weight
  let output: Linear
  private let side: Int
  private let registers: Int

  init(_ sizes: TinyRecursion.Sizes) {
    kernel = Weight([9, sizes.width], .lecun(inputs: 9))
    output = Linear(sizes.width, sizes.width)
    (side, registers) = (sizes.side, sizes.registers)
  }

  func callAsFunction(_ h: Tensor) -> Tensor {
    scope("convolution") {
      let (batch, length, width) = (h.extent(0), h.extent(1), h.extent(2))
      let cells = h.slice(registers..<length, axis: 1)
      let heard = neighbours(cells, batch, width).reshaped(to: cells.shape)
      let mean = cells.mean(axis: 1, keepsAxis: true).repeated(to: ["B": batch, "P": registers, "D": width])
      return output(concatenate([mean, heard], axis: 1))
    }
  }

  /// `[B, S, D] -> [B, R, C, D]`.
  private func neighbours(_ cells: Tensor, _ batch: Int, _ width: Int) -> Tensor {
    let grid = cells.reshaped(to: ["B": batch, "R": side, "C": side, "D": width])
    let factors = kernel.tensor.transposed(1, 0).reshaped(to: [width, 1, 3, 3])
    let axis = ConvolutionAxis(before: 1, after: 1)
    return convolution(grid, factors, [axis, axis], groups: width)
  }
}
