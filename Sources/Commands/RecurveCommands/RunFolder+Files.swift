import Training

extension RunFolder {
  /// Pictures of the curves.
  var curves: [String] { ["svg", "png"].map { "\(path)/curve.\($0)" } }

  /// What training writes under names that are known before; events have names that nothing else has.
  var writtenFiles: [String] {
    [record, log, lock, checkpoint, previousCheckpoint] + numberedCheckpoints + curves
  }
}
