import Recurve
import TestSupport
import Testing

@testable import MaskedLanguageModel

/// What is written for other programs is what a run trains on and is judged by.
@Suite struct MaskedBatchesTests {
  private static let options = CompilerOptions(workerCount: 1)
  private static let recipe: Recipe = {
    var recipe = Recipe(steps: 3, learningRate: 0.01, warmUp: 2)
    recipe.validationBatches = 3
    return recipe
  }()

  /// Asks for the losses of batches that were written, by the weights that a store has at the time.
  private struct Judge {
    private let written: [String: HostTensor]
    private let program: ModelProgram

    init(_ written: [String: HostTensor], _ task: MaskedLanguageTask, _ store: ParameterStore, sequences: Int) throws {
      self.written = written
      let model = task.maskedModel
      let (length, count) = (model.sizes.context, sequences * model.sizes.maskedCount)
      program = try store.program("asked", MaskedBatchesTests.options) { io in
        let hidden = model.hidden(io("tokens", [sequences, length], .int32))
        let scores = model.scores(hidden, at: io("places", [count], .int32))
        return ["loss": crossEntropy(scores, io("labels", [count], .int32)).mean()]
      }
    }

    func loss(_ part: String, _ number: Int) throws -> Double {
      var inputs: [String: HostTensor] = [:]
      for name in ["tokens", "places", "labels"] {
        let all = try #require(written["\(part).\(name)"])
        inputs[name] = all.slice(number)
      }
      let found = try #require(try program(inputs)["loss"])
      return found.doubles[0]
    }

    func mean(_ part: String, _ count: Int) throws -> Double {
      try (0..<count).reduce(0.0) { try $0 + loss(part, $1) } / Double(count)
    }
  }

  private static func written() throws -> [String: HostTensor] {
    try MaskedBatches(TaskTests.task(), recipe, ModelOptions(seed: 3)).tensors(steps: 3, heldOut: nil, options)
  }

  @Test func batchesAreThoseOfTheRun() throws {
    let (written, task, recipe) = (try Self.written(), try TaskTests.task(), Self.recipe)
    #expect(written["inputs.tokens"]?.shape == [3, 4, 16] && written["validation.places"]?.shape == [3, 8])
    let session = try TrainingSession(
      task, optimizer: task.optimizer(recipe.optimizer), learningRate: recipe.rate, seed: 3, Self.options)
    let store = session.trainer.store
    for (path, tensor) in store.tensors { #expect(written["weights.\(path)"] == tensor, "\(path)") }
    let judge = try Judge(written, task, store, sequences: 4)
    for step in 0..<3 {
      #expect(written["rates"]?.doubles[step] == session.trainer.nextRate)
      let needed = try judge.loss("inputs", step)
      #expect(try session.step()["loss"]?.doubles[0] == needed, "step \(step)")
      // Every validation masks alike.
      let own = try session.validate(batches: recipe.validationBatches).first { $0.name == "loss" }?.value
      let mean = try judge.mean("validation", 3)
      #expect(abs((own ?? .nan) - mean) < 1e-5, "step \(step)")
    }
  }

  @Test func heldOutBatchesAreThoseOfAnEvaluation() throws {
    let (written, task) = (try Self.written(), try TaskTests.task())
    let store = try ParameterStore(task.model, seed: 3)
    let shape = try #require(written["held_out.tokens"]).shape
    let (count, sequences) = (shape[0], shape[1])
    let figures = try HeldOutText(task, store, Self.options).judged()
    let mean = try Judge(written, task, store, sequences: sequences).mean("held_out", count)
    #expect(figures.count == count * sequences * 2 && abs(figures.loss - mean) < 1e-5)
    let few = try MaskedBatches(task, Self.recipe, ModelOptions(seed: 3)).tensors(steps: 1, heldOut: 2, Self.options)
    #expect(few["held_out.places"]?.shape == [2, sequences * 2] && few["inputs.tokens"]?.shape == [1, 4, 16])
  }

  @Test func runsSayWhatTheyAre() throws {
    try withTemporaryFolder { (folder: String) throws in
      let asked = ModelOptions(preset: "demonstration", depth: 2, seed: 5, settings: ["vocabulary": "270"])
      let record = try RunRecord(MaskedLanguageModel.family, asked, Self.recipe)
      func refusal(_ change: (inout RunRecord) -> Void) throws -> String {
        var other = record
        change(&other)
        try other.write(to: RunFolder(folder).record)
        do { _ = try MaskedBatches(run: folder) } catch { return "\(error)" }
        return ""
      }
      let missing = #expect(throws: TrainedRunError.self) { try MaskedBatches(run: folder) }
      #expect(missing?.description == "\(folder) is no folder of a run; needs one that `recurve train` has made")
      #expect(
        try refusal { $0.family = "character-gpt" }
          == "\(folder) is a run of character-gpt, needs one of masked-language-model")
      #expect(
        try refusal { $0.isChanged = true }
          == "masked-batches needs a run that was the same throughout; this one was changed on the way by --accept-changes"
      )
      #expect(
        try refusal { $0.trainedOnOtherData = true }
          == "masked-batches needs a run whose data were the same throughout; those of this one were exchanged")
      #expect(try refusal { _ in } == "")
      let batches = try MaskedBatches(run: folder)
      let notes = try batches.notes()
      #expect(batches.recipe == record.recipe && notes["recipe"]?.contains("\"learning_rate\" : 0.01") == true)
      for (name, value) in ["depth": "2", "heads": "4", "vocabulary": "270", "seed": "5", "variant": "bert"] {
        #expect(notes[name] == value, "\(name)")
      }
      // Tokens of the run's checkpoint that are not those of the text.
      try TrainingSession(TaskTests.task(), optimizer: .adamW(), seed: 1, Self.options).save(
        to: folder + "/checkpoint.safetensors")
      #expect(try refusal { _ in }.contains("the vocabulary is another one: "))
    }
  }
}
