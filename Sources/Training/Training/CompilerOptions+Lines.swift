import Compilation
import Modeling

extension CompilerOptions {
  /// The same, with plans and messages that name the lines of a model, and with the numbers that are the graph's own.
  public func naming(_ traced: TracedModel) -> CompilerOptions {
    var options = self
    options.line = { traced.location($0)?.description }
    options.values = traced.values
    return options
  }
}
