import Operators
import TensorTypes

/// Zeros around the places of a convolution.
public enum ConvolutionPadding: Sendable, Hashable {
  case none
  /// As many windows as places, where the stride is 1; of an odd number one more behind than before.
  case same
  /// The last element of a window is its place: nothing sees what comes later.
  case causal
  /// So many before and behind.
  case both(Int)

  func axis(size: Int, stride: Int, dilation: Int) -> ConvolutionAxis {
    let around = max(dilation &* (size &- 1), 0)
    let (before, after) =
      switch self {
      case .none: (0, 0)
      case .same: (around / 2, around - around / 2)
      case .causal: (around, 0)
      case .both(let count): (count, count)
      }
    return ConvolutionAxis(stride: stride, dilation: dilation, before: before, after: after)
  }
}

/// A convolution along a sequence: `[B, L, C] -> [B, M, O]` (Waibel et al. 1989, time-delay networks); PyTorch's Conv1d. Its
/// equation is at `convolution`.
public struct Convolution1D: Sendable {
  /// `[O, C / groups, K]`.
  public let kernel: Weight
  /// `[O]`; nil without.
  public let bias: Weight?
  public let groups: Int
  public let padding: ConvolutionPadding
  private let axis: ConvolutionAxis
  private let problem: LayerProblem?

  /// - Parameters:
  ///   - size: K.
  ///   - groups: divides inputs and outputs; as many as both make it depthwise.
  public init(
    _ inputs: Int, _ outputs: Int, size: Int, stride: Int = 1, dilation: Int = 1, groups: Int = 1,
    padding: ConvolutionPadding = .none, hasBias: Bool = true, _ initializer: Initializer? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) {
    problem = ConvolutionChannels.problem(inputs, outputs, groups, file, line)
    let own = problem == nil ? inputs / groups : 1
    kernel = Weight([outputs, own, size], initializer ?? .lecun(inputs: own &* size), file: file, line: line)
    bias = hasBias ? Weight([outputs], .zeros, file: file, line: line) : nil
    (self.groups, self.padding) = (groups, padding)
    axis = padding.axis(size: size, stride: stride, dilation: dilation)
  }

  /// The layer over given weights, of extents as the other initializer makes them.
  public init(
    kernel: Weight, bias: Weight?, stride: Int = 1, dilation: Int = 1, groups: Int = 1,
    padding: ConvolutionPadding = .none
  ) {
    (self.kernel, self.bias, self.groups, self.padding, problem) = (kernel, bias, groups, padding, nil)
    axis = padding.axis(size: kernel.shape.extents.last ?? 1, stride: stride, dilation: dilation)
  }

  public func callAsFunction(_ x: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    if let problem { return problem.refused(x.type) }
    return located(file, line) { shifted(convolution(x, kernel.tensor, [axis], groups: groups)) }
  }

  /// The number of inputs before a place that it sees: what a step keeps for the next one, `[B, history, C]`.
  public var history: Int {
    let size = kernel.shape.extents.last ?? 1
    return axis.isSound(size) ? axis.span(size) - 1 : 0
  }

  /// The sequence behind another part of it, for programs that go on step by step:
  ///
  ///     let seen = io.state("convolution", [1, layer.history, width])
  ///     let (y, next) = layer(x, following: seen)
  ///     seen.next = next
  ///
  /// The layer is causal and its stride is 1: `convolution.4`. From zeros on, the parts are those of the whole sequence.
  ///
  /// - Parameter history: the inputs before, `[B, history, C]`.
  /// - Returns: `[B, L, O]`, and the history of what comes next.
  public func callAsFunction(
    _ x: Tensor, following history: Tensor, file: StaticString = #fileID, line: Int = #line
  ) -> (output: Tensor, history: Tensor) {
    if let problem { return (problem.refused(x.type), history) }
    return located(file, line) {
      guard padding == .causal, axis.stride == 1, history.rank == 3, history.extent(1) == self.history else {
        let needed = "needs causal padding, a stride of 1 and a history [B, \(self.history), C]"
        let found = "got padding \(padding), stride \(axis.stride) and \(history.type)"
        return (refused([x, history], TypeError("convolution.4", "\(needed), \(found)"), x.type), history)
      }
      let all = concatenate([history, x], axis: 1)
      let inside = ConvolutionAxis(dilation: axis.dilation)
      let output = shifted(convolution(all, kernel.tensor, [inside], groups: groups))
      return (output, all.slice(max(all.extent(1) - self.history, 0)..<all.extent(1), axis: 1))
    }
  }

  private func shifted(_ y: Tensor) -> Tensor { y.byChannel(bias, +) }
}

/// A convolution over a picture or grid: `[B, R, S, C] -> [B, R', S', O]`, rows before columns (LeCun et al. 1989); PyTorch's
/// Conv2d. Its equation is at `convolution`.
public struct Convolution2D: Sendable {
  /// `[O, C / groups, K, K']`.
  public let kernel: Weight
  /// `[O]`; nil without.
  public let bias: Weight?
  public let groups: Int
  private let axes: [ConvolutionAxis]
  private let problem: LayerProblem?

  /// - Parameters:
  ///   - rows: K.
  ///   - columns: K'; as many as rows without.
  ///   - groups: divides inputs and outputs; as many as both make it depthwise.
  public init(
    _ inputs: Int, _ outputs: Int, rows: Int, columns: Int? = nil, stride: Int = 1, dilation: Int = 1, groups: Int = 1,
    padding: ConvolutionPadding = .none, hasBias: Bool = true, _ initializer: Initializer? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) {
    problem = ConvolutionChannels.problem(inputs, outputs, groups, file, line)
    let (own, columns) = (problem == nil ? inputs / groups : 1, columns ?? rows)
    kernel = Weight(
      [outputs, own, rows, columns], initializer ?? .lecun(inputs: own &* rows &* columns), file: file, line: line)
    bias = hasBias ? Weight([outputs], .zeros, file: file, line: line) : nil
    self.groups = groups
    axes = [rows, columns].map { padding.axis(size: $0, stride: stride, dilation: dilation) }
  }

  /// The layer over given weights, of extents as the other initializer makes them.
  public init(
    kernel: Weight, bias: Weight?, stride: Int = 1, dilation: Int = 1, groups: Int = 1,
    padding: ConvolutionPadding = .none
  ) {
    (self.kernel, self.bias, self.groups, problem) = (kernel, bias, groups, nil)
    axes = kernel.shape.extents.suffix(2).map { padding.axis(size: $0, stride: stride, dilation: dilation) }
  }

  public func callAsFunction(_ x: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    if let problem { return problem.refused(x.type) }
    return located(file, line) {
      let y = convolution(x, kernel.tensor, axes, groups: groups)
      return y.byChannel(bias, +)
    }
  }
}

private enum ConvolutionChannels {
  static func problem(
    _ inputs: Int, _ outputs: Int, _ groups: Int, _ file: StaticString, _ line: Int
  ) -> LayerProblem? {
    LayerProblem(
      unless: groups >= 1 && inputs.isMultiple(of: groups) && outputs.isMultiple(of: groups),
      "a convolution of \(inputs) channels to \(outputs) cannot be divided into \(groups) groups", file, line)
  }
}
