import GraphIR
import Operators

extension Pass {
  /// Writes composite operations in simpler ones.
  ///
  ///     %1 = silu %0
  /// ->
  ///     %1 = sigmoid %0
  ///     %2 = multiply %0, %1
  public static let decomposition: Pass = Pass("decomposition") { $0.decomposed() }
}
