import ArgumentParser

extension WordVectors {
  /// What the command line can do with word vectors.
  public static let commands: [any ParsableCommand.Type] = [
    NeighboursCommand.self, AnalogyCommand.self, SimilarityCommand.self, WordMapCommand.self,
    VectorsCommand.self,
  ]
}
