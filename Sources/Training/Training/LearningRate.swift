import Foundation

/// The learning rate of every step, computed on the host: a linear warm-up, then a decay.
///
///     LearningRate(1e-3, warmUp: 20, decay: .cosine(until: 1000))
public struct LearningRate: Sendable, Hashable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// The rate between warm-up and decay.
  public var base: Double
  /// Steps over which the rate grows to its base: step s of w has the share `s / w`, counted from 1.
  public var warmUp: Int
  public var decay: Decay

  /// How the rate falls after the warm-up; `s` counts steps from 0 and `w` is the length of the warm-up.
  public enum Decay: Sendable, Hashable {
    case constant
    /// `base * factor ^ floor((s - w) / length)` (torch.optim.lr_scheduler.StepLR).
    case steps(every: Int, factor: Double)
    /// Half a cosine from the base to a share of it: `base * (end + (1 - end) (1 + cos(pi x)) / 2)` with
    /// `x = (s - w) / (until - w)`, then constant (Loshchilov and Hutter 2017; torch's CosineAnnealingLR up to its end).
    case cosine(until: Int, end: Double = 0)
    /// A straight line from the base to a share of it at step `until`, then constant (torch's LinearLR).
    case linear(until: Int, end: Double = 0)
  }

  public init(_ base: Double, warmUp: Int = 0, decay: Decay = .constant) {
    self.base = base
    self.warmUp = warmUp
    self.decay = decay
  }

  public init(floatLiteral value: Double) { self.init(value) }

  public init(integerLiteral value: Int) { self.init(Double(value)) }

  /// The rate of a step; the first step is 0.
  public func rate(at step: Int) -> Double {
    if step < warmUp { return base * (Double(step + 1) / Double(warmUp)) }
    let past = Double(step - warmUp)
    switch decay {
    case .constant: return base
    case .steps(let length, let factor): return base * pow(factor, (past / Double(length)).rounded(.down))
    case .cosine(let until, let end):
      return base * (end + (1 - end) * 0.5 * (1 + cos(.pi * progress(past, until))))
    case .linear(let until, let end): return base * (1 + (end - 1) * progress(past, until))
    }
  }

  private func progress(_ past: Double, _ until: Int) -> Double { min(past / Double(max(until - warmUp, 1)), 1) }

  /// - Throws: `OptimizerError` with every number that is out of its range.
  public func check() throws {
    if !problems.isEmpty { throw OptimizerError(optimizer: "learning rate", problems: problems) }
  }

  /// Every number that is out of its range.
  var problems: [String] {
    var all: [OptimizerSetting] = [.notNegative("base", base), .notNegative("warmUp", Double(warmUp))]
    switch decay {
    case .constant: break
    case .steps(let length, let factor): all += [.atLeastOne("every", length), .positive("factor", factor)]
    case .cosine(let until, let end), .linear(let until, let end):
      all += [.atLeastOne("until", until), .notNegative("end", end)]
    }
    return all.compactMap(\.problem)
  }
}
