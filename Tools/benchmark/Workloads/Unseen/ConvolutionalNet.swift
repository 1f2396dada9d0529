import Recurve

/// Two convolutions, a pooling and a readout for small pictures of ten kinds.
struct ConvolutionalNet: Model {
  let sizes: UnseenSizes
  let first: SquareConvolution
  let second: SquareConvolution
  let readout: Linear

  init(_ sizes: UnseenSizes) {
    self.sizes = sizes
    let (side, width) = (sizes.length, sizes.width)
    first = SquareConvolution(1, width)
    second = SquareConvolution(width, 2 * width)
    readout = Linear(side / 2 * (side / 2) * 2 * width, 10, hasBias: true)
  }

  private func pooled(_ x: Tensor) -> Tensor {
    let (b, h, w, c) = (x.extent(0), x.extent(1), x.extent(2), x.extent(3))
    return x.reshaped(to: [b, h / 2, 2, w / 2, 2, c]).max(axis: 4).max(axis: 2)
  }

  func step(_ inputs: Inputs) -> Step {
    let (batch, side) = (sizes.batch, sizes.length)
    let x = inputs("x", ["B": batch, "H": side, "W": side])
    let label = inputs("label", ["B": batch], .int32)
    let a = relu(first(x.reshaped(to: ["B": batch, "H": side, "W": side, "C": 1])))
    let b = pooled(relu(second(a)))
    let scores = readout(b.reshaped(to: ["B": batch, "F": side / 2 * (side / 2) * 2 * sizes.width]))
    return Step(loss: crossEntropy(scores, label).mean())
  }
}

/// A 3x3 convolution with zeros around, whose kernel is as the twin has it: a row for each output, channels varying fastest.
struct SquareConvolution: Sendable {
  let linear: Linear

  init(_ inputs: Int, _ outputs: Int) { linear = Linear(9 * inputs, outputs, hasBias: true) }

  /// [B, H, W, C] -> [B, H, W, C']
  func callAsFunction(_ x: Tensor) -> Tensor {
    let (inputs, axis) = (x.extent(3), ConvolutionAxis(before: 1, after: 1))
    let kernel = linear.weight.tensor.reshaped(to: [-1, 3, 3, inputs]).transposed(0, 3, 1, 2)
    let y = convolution(x, kernel, [axis, axis])
    return linear.bias.map { y + $0.tensor } ?? y
  }
}
