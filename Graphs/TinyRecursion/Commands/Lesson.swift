import Foundation
import Interchange
import Recurve

/// Everything that a run trains from, as numbers: what another program needs to do the same.
struct Lesson {
  let task: TinyRecursionTask
  private let record: RunRecord

  /// - Throws: `TaskError.otherFamily` for the run of another model, `LessonError` for one whose data were exchanged or that was
  ///   changed on the way, and what `RunRecord.checkData` throws.
  init(_ record: RunRecord) throws {
    guard record.family == TinyRecursion.family.name else { throw TaskError.otherFamily(record.family) }
    guard record.trainedOnOtherData != true else { throw LessonError.exchangedData }
    guard record.isChanged != true else { throw LessonError.changed }
    try record.checkData()
    (self.record, task) = (record, try TinyRecursionTask(record.options))
  }

  var steps: Int { record.recipe.steps }

  /// What the weights and the batches mean.
  private struct Description: Encodable {
    var variant: String
    var batch, cells, vocabulary, width, heads, inner, registers, layers, updates, cycles, supervisionSteps: Int
    /// How many cycles, and of these how many latent updates, have a gradient.
    var gradientCycles, gradientUpdates: Int
    var decay: Double
    var average: Double?
    /// Held-out puzzles: later rows of the batches are these again.
    var heldOutCount: Int
  }

  /// - Returns: the file, and how many puzzles its held-out batches have without those that come again.
  /// - Throws: `LessonError` where the twin does not know what the run does; what making weights throws.
  func file(steps: Int, heldOutBatches: Int) throws -> (file: SafetensorsFile, heldOutCount: Int) {
    guard task.arc == nil else { throw LessonError.tasks }
    let rows = heldOutBatches * task.sizes.batch
    let description = try description(heldOutCount: min(rows, task.heldOutCount ?? rows))
    let weights = try ParameterStore(task.model, seed: record.seed).tensors
    var tensors = Dictionary(uniqueKeysWithValues: weights.map { ("first." + $0.key, $0.value) })
    add("", (0..<steps).map(task.trainingGrids), to: &tensors)
    add("heldOut.", (0..<heldOutBatches).map(task.heldOutGrids), to: &tensors)
    let (batch, limit) = (task.sizes.batch, task.sizes.supervisionSteps)
    // A step is judged after its batch was counted.
    let least = (0..<steps).flatMap {
      Slots.leastSteps(seed: record.seed, batch: $0 + 1, count: batch, limit: limit).map(Int32.init)
    }
    tensors["leastSteps"] = HostTensor(Shape([steps, batch]), least)
    tensors["rates"] = HostTensor(Shape([steps]), (0..<steps).map { Float(record.recipe.rate.rate(at: $0)) })
    let text = String(decoding: try JSONEncoder().encode(description), as: UTF8.self)
    return (SafetensorsFile(tensors: tensors, metadata: ["sizes": text]), description.heldOutCount)
  }

  private func add(_ prefix: String, _ grids: [TinyRecursionTask.Grids], to tensors: inout [String: HostTensor]) {
    let (each, all) = ([grids.count, task.sizes.batch], [grids.count, task.sizes.batch, task.sizes.cells])
    tensors[prefix + "questions"] = HostTensor(Shape(all), grids.flatMap(\.questions))
    tensors[prefix + "answers"] = HostTensor(Shape(all), grids.flatMap(\.answers))
    if task.sizes.puzzleCount > 1 { tensors[prefix + "puzzles"] = HostTensor(Shape(each), grids.flatMap(\.puzzles)) }
  }

  private func description(heldOutCount: Int) throws -> Description {
    let (s, recipe) = (task.sizes, record.recipe)
    guard recipe.rule == .adamATan2, recipe.accumulatedSteps == 1, recipe.clippingNorm == nil,
      !recipe.decaysMatricesOnly
    else { throw LessonError.recipe }
    let cycles: Int? =
      switch record.gradient {
      case .full, .checkpointed, .revolve: s.cycles
      case .last(let count): min(count, s.cycles)
      case .none: nil
      }
    guard let cycles else { throw LessonError.gradient }
    return Description(
      variant: s.variant.rawValue, batch: s.batch, cells: s.cells, vocabulary: s.vocabulary, width: s.width,
      heads: s.heads, inner: s.inner, registers: s.registers, layers: s.layers, updates: s.updates, cycles: s.cycles,
      supervisionSteps: s.supervisionSteps, gradientCycles: cycles, gradientUpdates: s.updates,
      decay: recipe.decay, average: recipe.averageShare, heldOutCount: heldOutCount)
  }
}

/// What the twin in PyTorch does not do.
enum LessonError: Error, Hashable, CustomStringConvertible {
  case recipe
  case gradient
  case tasks
  case exchangedData
  case changed

  var description: String {
    switch self {
    case .recipe: "the twin needs a run by adam-atan2 without accumulation, clipping or matrices-only decay"
    case .tasks: "the twin judges whole canvases, which tasks of files do not fill; needs Sudokus or mazes"
    case .exchangedData: "the twin needs a run whose data were the same throughout; those of this one were exchanged"
    case .changed:
      "the twin needs a run that was the same throughout; this one was changed on the way by --accept-changes"
    case .gradient: "the twin needs a run with a gradient, got one without"
    }
  }
}
