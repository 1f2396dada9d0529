import Interchange
import TensorTypes

/// A run opened to be used: what it is, and what its newest checkpoint holds.
///
///     let run = try TrainedRun("recurve-run-1", of: MyModel.family)
///     let task = try run.task()                        // the model with the run's sizes
///     let store = try run.store(of: task.model)        // with the weights that evaluation uses
public struct TrainedRun: Sendable {
  public let folder: RunFolder
  public let record: RunRecord
  public let family: ModelFamily
  /// What the checkpoint keeps of the task, by the names of its progress.
  public let progress: [String: HostTensor]

  /// - Throws: `TrainedRunError` where there is no run of the family with a checkpoint; `RunRecordError` and
  ///   `SafetensorsError` for files that cannot be read.
  public init(_ path: String, of family: ModelFamily) throws {
    folder = RunFolder(path)
    guard folder.holdsRecord else { throw TrainedRunError.noRun(path) }
    record = try RunRecord(path: folder.record)
    guard record.family == family.name else {
      throw TrainedRunError.otherModel(path, found: record.family, needed: family.name)
    }
    guard folder.holdsCheckpoint else { throw TrainedRunError.noCheckpoint(path) }
    self.family = family
    let tensors = try SafetensorsFile(path: folder.checkpoint).tensors
    let pairs = tensors.compactMap { name, tensor in name.rest(behind: "task.").map { ($0, tensor) } }
    progress = Dictionary(uniqueKeysWithValues: pairs)
  }

  /// The model made again as the record says, to be used; without its data where the family can.
  public func task() throws -> any TrainingTask { try family.open(self) }

  /// A store of the model's weights as they were trained, averaged where the run averages them.
  ///
  /// - Throws: `CheckpointError` for a checkpoint of another model.
  public func store(of model: Any) throws -> ParameterStore {
    let store = try ParameterStore(model, seed: record.seed)
    try store.loadAll(folder.checkpoint)
    return store
  }
}

extension ParameterStore {
  /// Takes every weight from a checkpoint.
  ///
  /// - Parameter weights: whether running averages, where the file has some, stand for weights, as evaluation has it.
  /// - Throws: `CheckpointError` with every weight that is missing or does not fit; the sizes that it was made with are said.
  public func loadAll(_ checkpoint: String, weights: Weights = .averaged) throws {
    try CheckpointError.namingOrigins {
      let report = try load(checkpoint, weights: weights)
      if !report.kept.isEmpty {
        throw CheckpointError(path: checkpoint, problems: report.kept.map { "\($0) is missing" })
      }
    }
  }
}

/// Why a folder is no run to be used.
public enum TrainedRunError: UsageError, Hashable, CustomStringConvertible {
  case noRun(String)
  case otherModel(String, found: String, needed: String)
  case noCheckpoint(String)

  public var isUsage: Bool { if case .noCheckpoint = self { false } else { true } }

  public var description: String {
    switch self {
    case .noRun(let path): "\(path) is no folder of a run; needs one that `recurve train` has made"
    case .otherModel(let path, let found, let needed): "\(path) is a run of \(found), needs one of \(needed)"
    case .noCheckpoint(let path):
      "\(path) has no checkpoint yet; continue the run with `\(RunFolder(path).resumeCommand)`"
    }
  }
}
