import Recurve

/// Two convolutions, a pooling and a readout for small pictures of ten kinds.
struct ConvolutionalNet: Model {
  let sizes: UnseenSizes
  let first: SlicedConvolution
  let second: SlicedConvolution
  let readout: Linear

  init(_ sizes: UnseenSizes) {
    self.sizes = sizes
    let (side, width) = (sizes.length, sizes.width)
    first = SlicedConvolution(1, width)
    second = SlicedConvolution(width, 2 * width)
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

/// A 3x3 convolution by hand: nine shifted slices side by side, then one product. Zeros around.
struct SlicedConvolution: Sendable {
  let linear: Linear

  init(_ inputs: Int, _ outputs: Int) { linear = Linear(9 * inputs, outputs, hasBias: true) }

  /// [B, H, W, C] -> [B, H, W, C']
  func callAsFunction(_ x: Tensor) -> Tensor {
    scope("convolution") {
      let (b, h, w, c) = (x.extent(0), x.extent(1), x.extent(2), x.extent(3))
      let rows = Tensor.constant(0, ["B": b, "H": 1, "W": w, "C": c])
      let columns = Tensor.constant(0, ["B": b, "H": h + 2, "W": 1, "C": c])
      let padded = concatenate([columns, concatenate([rows, x, rows], axis: 1), columns], axis: 2)
      let patches = (0..<9).map { place in
        padded.slice((place / 3)..<(place / 3 + h), axis: 1).slice((place % 3)..<(place % 3 + w), axis: 2)
      }
      return linear(concatenate(patches, axis: 3))
    }
  }
}
