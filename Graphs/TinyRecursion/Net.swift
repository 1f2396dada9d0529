import Recurve

/// The one network of the model: `h + injection` through post-norm blocks, `[B, L, D] -> [B, L, D]`.
struct Net: Sendable {
  let blocks: [Block]

  init(_ sizes: TinyRecursion.Sizes) {
    blocks = (0..<sizes.layers).map { _ in Block(sizes) }
  }

  func callAsFunction(_ h: Tensor, _ injection: Tensor) -> Tensor {
    scope("net") {
      blocks.enumerated().reduce(h + injection) { h, block in
        scope("block\(block.offset)") { block.element(h) }
      }
    }
  }
}

/// A post-norm block: a mixer over positions, then a gated feed-forward layer over the width.
struct Block: Sendable {
  let mixer: Mixer
  let feedForward: SwiGLU
  /// Inside the feed-forward layer: each channel with its own at the position before, `silu(k * h)` (Gao et al. 2025, arXiv
  /// 2512.14693); nil without.
  let shortConvolution: Convolution1D?

  enum Mixer: Sendable {
    case attention(SelfAttention, RotaryEmbedding)
    /// A gated feed-forward layer along the positions.
    case positions(SwiGLU)
    case convolution(GridConvolution)
  }

  init(_ sizes: TinyRecursion.Sizes) {
    feedForward = SwiGLU(width: sizes.width, inner: sizes.inner)
    shortConvolution =
      sizes.hasShortConvolution
      ? Convolution1D(sizes.inner, sizes.inner, size: 2, groups: sizes.inner, padding: .causal, hasBias: false) : nil
    switch sizes.variant {
    case .attention:
      mixer = .attention(
        SelfAttention(width: sizes.width, heads: sizes.heads),
        sizes.rotaryEmbedding)
    case .convolution: mixer = .convolution(GridConvolution(sizes))
    case .mixer:
      mixer = .positions(SwiGLU(width: sizes.length, inner: SwiGLU.inner(width: sizes.length)))
    }
  }

  /// h: `[B, L, D] -> [B, L, D]`.
  func callAsFunction(_ h: Tensor) -> Tensor {
    let mixed = mix(h)
    return rmsNorm(mixed + feedForward(mixed) { gated in shortConvolution.map { silu($0(gated)) } ?? gated })
  }

  private func mix(_ h: Tensor) -> Tensor {
    switch mixer {
    case .attention(let attention, let positions): return rmsNorm(h + attention(h, positions))
    case .convolution(let convolution): return rmsNorm(h + convolution(h))
    case .positions(let feedForward):
      let t = h.transposed(0, 2, 1)  // [B, D, L]: this norm runs along the positions
      return rmsNorm(t + feedForward(t)).transposed(0, 2, 1)
    }
  }
}

extension TinyRecursion.Sizes {
  /// Registers are a row above the grid.
  fileprivate var rotaryEmbedding: RotaryEmbedding {
    if positions == .sequence { return RotaryEmbedding(length: length, size: width / heads) }
    let cells = (0..<cells).map { [$0 / side, $0 % side] }
    return RotaryEmbedding(coordinates: (0..<registers).map { [-1, $0] } + cells, size: width / heads)
  }
}
