import ArgumentParser
import Compilation
import Foundation
import TensorTypes
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Trains a model; writes a log, checkpoints and curves.")

  @OptionGroup var arguments: ModelArguments
  @OptionGroup var stepArguments: StepArguments

  @Option(help: "Steps to run, those of a resumed run included.") var steps: Int = 300
  @Option(help: "adamw, adam-atan2, sgd or momentum.") var optimizer: String = "adamw"
  @Option(help: "Learning rate after the warm-up.") var learningRate: Double = 1e-3
  @Option(help: "Steps over which the learning rate grows to its value.") var warmUp: Int = 20
  @Option(name: .shortAndLong, help: "Folder for log, checkpoint and curves; a new recurve-run-N without it.")
  var output: String?
  @Option(help: "Steps between checkpoints.") var checkpointEvery: Int = 100
  @Flag(help: "Continues from the folder's checkpoint, bit for bit.") var resume = false
  @Flag(help: "Prints a summary as JSON.") var json = false

  private struct Summary: Codable {
    var model: String
    var steps: Int
    var first_loss: Double
    var last_loss: Double
    var cell_accuracy: Double?
    var puzzle_accuracy: Double?
    var planned_bytes: Int
    var output: String
  }

  func run() throws {
    let family = try arguments.family
    guard steps >= 1, warmUp >= 0, checkpointEvery >= 1, learningRate > 0 else {
      throw ValidationError("--steps, --checkpoint-every and --learning-rate must be positive, --warm-up not negative")
    }
    let output = try folder()
    let task = try family.make(try arguments.options(depth: stepArguments.depth, gradient: stepArguments.gradient))
    try Output.createFolder(output)
    let session = try TrainingSession(
      task, optimizer: try chosenOptimizer(), seed: arguments.seed, arguments.compilerOptions)
    if !session.program.isNative { Output.progress(DoctorReport.noCompiler) }
    if !session.disconnectedWeights.isEmpty {
      Output.progress("these weights get no gradient: \(session.disconnectedWeights.joined(separator: ", "))")
    }
    let checkpoint = output + "/checkpoint.safetensors"
    if resume { try session.load(from: checkpoint) }
    let log = try TrainingLog(path: output + "/log.jsonl", keepsUntil: resume ? session.stepCount : 0)
    try train(session, log, checkpoint)
    try session.save(to: checkpoint)
    try log.chart(title: "\(family.name), \(session.stepCount) steps").forEach { chart, name in
      for format in ["svg", "png"] { try chart.write(to: "\(output)/\(name).\(format)") }
    }
    try report(session, log, family, output)
  }

  /// The folder of the run: one that holds no other run, or with `--resume` the one to continue.
  private func folder() throws -> String {
    func holdsRun(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path + "/checkpoint.safetensors") }
    if let output {
      if !resume && holdsRun(output) { throw CommandError.runExists(output) }
      return output
    }
    var number = 1
    while holdsRun("recurve-run-\(number)") { number += 1 }
    return "recurve-run-\(resume ? max(number - 1, 1) : number)"
  }

  private func train(_ session: TrainingSession, _ log: TrainingLog, _ checkpoint: String) throws {
    Interruption.listen()
    var bar = ProgressBar(total: steps, start: session.stepCount)
    while session.stepCount < steps, !Interruption.isRequested {
      let rate = learningRate * min(1, Double(session.stepCount + 1) / Double(max(warmUp, 1)))
      let results = try session.step(learningRate: rate)
      let entry = try log.append(session.stepCount, results)
      guard entry.loss.isFinite else { throw CommandError.notFinite(step: session.stepCount, checkpoint) }
      bar.show(session.stepCount, examplesPerStep: session.task.batchSize, entry.text)
      if session.stepCount % checkpointEvery == 0 { try session.save(to: checkpoint) }
    }
    if session.stepCount < steps {
      Output.progress("\nstopped after step \(session.stepCount); continue with the same command and --resume")
    }
  }

  private func chosenOptimizer() throws -> Optimizer {
    switch optimizer {
    case "adamw": return .adamW()
    case "adam-atan2": return .adamATan2()
    case "sgd": return .gradientDescent()
    case "momentum": return .gradientDescent(momentum: 0.9)
    default: throw ValidationError("--optimizer got '\(optimizer)', needs adamw, adam-atan2, sgd or momentum")
    }
  }

  private func report(_ session: TrainingSession, _ log: TrainingLog, _ family: ModelFamily, _ output: String) throws {
    guard let first = log.entries.first, let last = log.smoothed.last else { return }
    let summary = Summary(
      model: family.name, steps: session.stepCount, first_loss: first.loss, last_loss: last.loss,
      cell_accuracy: last.metrics["cell_accuracy"], puzzle_accuracy: last.metrics["puzzle_accuracy"],
      planned_bytes: session.program.plan.memory.arenaByteCount, output: output)
    if json { return try Output.json(summary) }
    print(
      String(
        format: "loss %.4f -> %.4f (mean of the last steps), cells right %.1f %%, puzzles solved %.1f %%",
        summary.first_loss, summary.last_loss, (summary.cell_accuracy ?? 0) * 100, (summary.puzzle_accuracy ?? 0) * 100)
    )
    print("wrote \(output)/curve.svg, curve.png, log.jsonl, checkpoint.safetensors")
  }
}
