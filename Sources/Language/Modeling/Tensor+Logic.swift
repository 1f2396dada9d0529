import GraphIR
import Operators
import TensorTypes

/// Functions of booleans, element by element; shapes are repeated as in arithmetic. Other operands are refused: `not.1`,
/// `and.2`, `or.2`.

/// Whether the boolean is false.
public func not(_ a: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) { a.apply(.not) }
}

/// Whether both booleans are true.
public func and(_ a: Tensor, _ b: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) { Tensor.binary(.and, a, b) }
}

/// Whether one boolean at least is true.
public func or(_ a: Tensor, _ b: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) { Tensor.binary(.or, a, b) }
}

/// `not`, `and` and `or` as Swift's masks of vectors write them; they bind less tightly than comparisons.
extension Tensor {
  public static prefix func .! (a: Tensor) -> Tensor { a.apply(.not) }
  /// Where both are true.
  public static func .& (a: Tensor, b: Tensor) -> Tensor { binary(.and, a, b) }
  /// Where at least one is true.
  public static func .| (a: Tensor, b: Tensor) -> Tensor { binary(.or, a, b) }
}

extension Tensor {
  /// Whether all booleans along an axis are true, as those of nothing are. They are booleans: `all.1`.
  public func all(axis: Int, keepsAxis: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    all(axes: [axis], keepsAxes: keepsAxis, file: file, line: line)
  }

  /// Whether all elements along some axes are true; of nothing, true.
  public func all(axes: [Int], keepsAxes: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { counting("all", axes, keepsAxes) { (.!self).converted(to: .float32) } .== 0 }
  }

  /// Whether all booleans are true.
  public func all(file: StaticString = #fileID, line: Int = #line) -> Tensor {
    all(axes: Array(0..<rank), file: file, line: line)
  }

  /// Whether one boolean at least along an axis is true; of nothing, none is. They are booleans: `any.1`.
  public func any(axis: Int, keepsAxis: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    any(axes: [axis], keepsAxes: keepsAxis, file: file, line: line)
  }

  /// Whether an element along some axes is true; of nothing, false.
  public func any(axes: [Int], keepsAxes: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { counting("any", axes, keepsAxes) { converted(to: .float32) } .> 0 }
  }

  /// Whether one boolean at least is true.
  public func any(file: StaticString = #fileID, line: Int = #line) -> Tensor {
    any(axes: Array(0..<rank), file: file, line: line)
  }

  /// The sum of ones: rounded where they are many, but 0 only where there is none.
  private func counting(_ function: String, _ axes: [Int], _ keepsAxes: Bool, _ ones: () -> Tensor) -> Tensor {
    checked(function, axes: axes) {
      guard type.elementType == .bool else {
        return refused(TypeError("\(function).1", "needs booleans, got \(type)"), type.with(.float32))
      }
      return ones().sum(axes: axes, keepsAxes: keepsAxes)
    }
  }
}
