import ArgumentParser

extension TinyRecursion {
  /// What the model adds to the command line.
  public static let commands: [any ParsableCommand.Type] = [SolveCommand.self, AblateCommand.self, TwinCommand.self]
}
