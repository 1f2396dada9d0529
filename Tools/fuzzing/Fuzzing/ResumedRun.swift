import Compilation
import EventFiles
import Foundation
import TinyRecursion
import Training

/// A training run of a few steps of the smallest model, to be resumed from broken files.
public final class ResumedRun {
  private let work: WorkFolder
  private let session: TrainingSession
  private(set) var checkpoint: [UInt8] = []
  private(set) var log: [UInt8] = []
  private(set) var events: [UInt8] = []

  private static let steps = 4

  public init() throws {
    work = try WorkFolder()
    var sizes = TinyRecursion.Sizes(batch: 2, side: 4, width: 8, heads: 2, inner: 8, registers: 1)
    (sizes.updates, sizes.cycles, sizes.supervisionSteps) = (1, 1, 3)
    let cells = sizes.cells
    let grids: @Sendable (Int) -> TinyRecursionTask.Grids = { number in
      let tokens = (0..<(2 * cells)).map { Int32(1 + ($0 + number) % 5) }
      return TinyRecursionTask.Grids(questions: tokens, answers: tokens)
    }
    let task = try TinyRecursionTask(sizes, seed: 1, training: grids, validation: grids)
    session = try TrainingSession(task, optimizer: .adamW(), seed: 1, CompilerOptions(workerCount: 1))
    _ = try loop(folder("whole"), resumes: false).run()
    checkpoint = try bytes("whole/checkpoint.safetensors")
    log = try bytes("whole/log.jsonl")
    try writeEvents(folder("whole"), from: 1)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder("whole"))
    for name in names where name.contains("tfevents") { events = try bytes("whole/" + name) }
  }

  /// Continues the run from another checkpoint.
  func resume(checkpoint path: String) throws { try resume(checkpoint: path, log: nil, events: nil) }

  /// Continues the run beside another log.
  func resume(log path: String) throws { try resume(checkpoint: nil, log: path, events: nil) }

  /// Continues the run beside another file of events.
  func resume(besideEvents path: String) throws { try resume(checkpoint: nil, log: nil, events: path) }

  /// Continues the run for two steps and writes events; nil stands for the whole run's own files.
  private func resume(checkpoint: String?, log: String?, events: String?) throws {
    let folder = folder("broken")
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func place(_ path: String?, _ whole: [UInt8], _ name: String) throws {
      let bytes = try path.map { try Data(contentsOf: URL(fileURLWithPath: $0)) } ?? Data(whole)
      try bytes.write(to: URL(fileURLWithPath: folder + "/" + name))
    }
    try place(checkpoint, self.checkpoint, "checkpoint.safetensors")
    try place(log, self.log, "log.jsonl")
    try place(events, self.events, "events.out.tfevents.1")
    let loop = try loop(folder, resumes: true)
    try writeEvents(folder, from: session.stepCount)
    _ = try loop.run()
    _ = try session.step()
  }

  private func writeEvents(_ folder: String, from step: Int) throws {
    let file = try EventFile(folder: folder, firstStep: step &+ 1)
    try file.append(step: step, scalars: [("train/loss", 0.5)])
    try file.close()
  }

  private func folder(_ name: String) -> String { work.path(name) }

  private func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: work.path(name))))
  }

  private func loop(_ folder: String, resumes: Bool) throws -> TrainingLoop {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var plan = TrainingPlan(steps: resumes ? Self.steps + 2 : Self.steps)
    plan.checkpointEvery = 2
    return try TrainingLoop(session, plan, in: RunFolder(folder), resumes: resumes)
  }
}
