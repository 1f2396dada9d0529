import ArgumentParser
import Compilation
import Foundation
import Interchange
import Modeling
import TensorTypes
import Training

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a model, with the weights of a checkpoint, on data it was not trained on.",
    discussion: "For the folder of a run no other option is needed.")

  @OptionGroup var arguments: ModelArguments
  @OptionGroup var stepArguments: StepArguments
  @OptionGroup var engineArguments: EngineArguments

  @Option(help: "A checkpoint of `recurve train`; without it that of the run, or initial weights.")
  var checkpoint: String?
  @Option(help: "Which batch of held-out data is shown; the first, 0, without it.") var number: Int?
  @Option(help: "Steps for each shown sequence, 16 without it; states are carried from step to step.") var steps: Int?
  @Option(help: "Batches of held-out data that are judged; as many as the model has for it without it, 0 for none.")
  var batches: Int?
  @Option(help: "Writes the weights that are run, averages where training kept some, to a safetensors file.")
  var save: String?
  @Option(help: "Draws a table of the judged data as bars into a picture, .svg or .png.") var chart: String?
  @Option(help: "With --chart: the table, by the name of its first column; the first one without it.") var by: String?
  @Flag(help: "Prints the results as JSON.") var json = false

  private var stepCount: Int { steps ?? 16 }

  func validate() throws {
    try ArgumentChecks.checkNoRunFile("save", save)
    try ArgumentChecks.checkOutput("save", save, isNone: [checkpoint, arguments.data])
    try ArgumentChecks.check("steps", steps, ArgumentChecks.steps)
    try ArgumentChecks.check("number", number, 0...TrainingPlan.largestStepCount)
    try ArgumentChecks.check("batches", batches, 0...TrainingPlan.largestStepCount)
    try ArgumentChecks.checkPicture("chart", chart, ["svg", "png"])
    if by != nil, chart == nil { throw ValidationError("--by needs --chart") }
    // Told before the data are judged, not after that.
    for path in [save, chart] { try ArgumentChecks.checkFolder(of: path) }
  }

  func run() throws {
    // First weights, which nobody wants to judge by mistake.
    if self.checkpoint == nil { try arguments.refuseTwoMeanings(otherwise: "name a --checkpoint") }
    let checkpoint = try self.checkpoint ?? arguments.runFolder().map(Self.checkpoint)
    let choice = try arguments.choice(
      stepArguments, filledBy: checkpoint.flatMap(Self.record), writing: [("save", save), ("chart", chart)])
    if arguments.data == nil { try choice.record?.checkData() }
    let options = try engineArguments.applied(to: arguments.compilerOptions)
    let (task, traced) = try choice.task(isTraining: false)
    if checkpoint == nil { Output.progress("no checkpoint: these are first weights, which nothing has trained") }
    if let judged = try judgement(task, choice, checkpoint, options) {
      var report = EvaluationReport(model: choice.family.name, steps: 1, evaluation: judged, results: [:])
      report.origin = origin(choice)
      try json ? Output.json(report) : Output.result(report.text)
      return try draw(report)
    }
    let program = try Compiler.compile(traced.graph, options.naming(traced))
    for (name, tensor) in traced.initialWeights(seed: choice.options.seed) { try program.set(name, tensor) }
    if let checkpoint {
      // What it keeps of the data is asked for now, for memory is refused before.
      try check(checkpoint, task)
      try CheckpointError.namingOrigins {
        try load(checkpoint, program)
        try ParameterStore.checkWhole(checkpoint, known: Set(WeightPaths(of: task.model).weights.map(\.name)))
      }
    }
    if let save { try write(program, task, to: save) }
    if arguments.verify { Output.verification(program) }
    let inputs = try task.freshInputs(number ?? 0)
    let results = try shownResults(inputs, program, restarts: task.restarts)
    var report = EvaluationReport(
      model: choice.family.name, steps: stepCount, evaluation: try evaluation(task, program), results: results)
    report.origin = origin(choice)
    if json {
      try Output.json(report)
    } else {
      try Output.result(task.describe(inputs: inputs, results: results))
      try Output.result(report.text)
    }
    try draw(report)
  }

  /// Behind the report, which is not to be lost for a table that there is not.
  private func draw(_ report: EvaluationReport) throws {
    if let chart { try report.chart(by: by).write(to: chart) }
  }

  private func origin(_ choice: ModelChoice) -> EvaluationReport.Origin {
    guard checkpoint != nil || (try? arguments.runFolder()) != nil else { return .firstWeights }
    guard let own = choice.record, let record = checkpoint.map({ try? RunRecord.beside($0) }) ?? own else {
      return .unknown
    }
    // Weights from elsewhere have their own record.
    let folder = checkpoint.map { RunFolder(URL(fileURLWithPath: $0).deletingLastPathComponent().path) }
    let isElsewhere = folder.map { (try? arguments.runFolder())?.isSame(as: $0) == false } ?? false
    let mayDiffer = arguments.data != nil || isElsewhere
    if mayDiffer && !record.data.isSame(as: DataSource(path: choice.options.dataPath)) { return .otherData }
    return record.trainedOnOtherData == true ? .exchangedData : .own
  }

  /// What the model makes of one batch in the steps asked for.
  private func shownResults(
    _ inputs: [(name: String, tensor: HostTensor)], _ program: CompiledProgram, restarts: [String]
  ) throws -> [String: HostTensor] {
    for step in 0..<stepCount {
      for (name, tensor) in inputs {
        let isOver = step > 0 && restarts.contains(name)
        try program.set(name, isOver ? HostTensor(tensor.type, repeating: 0) : tensor)
      }
      try program.run()
    }
    return try program.reportedResults
  }

  private func evaluation(_ task: any TrainingTask, _ program: CompiledProgram) throws -> Evaluation? {
    let asked = batches ?? task.evaluationBatches
    if asked == 0 { return nil }
    // There may be less held out than was asked for.
    let count = task.evaluatedBatches(of: asked)
    let states = program.parameters.filter { $0.role == .state }.map { ($0.name, $0.type) }
    var bar = ProgressBar(total: count, start: 0)
    var batch = 0
    let found = try task.evaluation(batches: count) { inputs, isFirst in
      if isFirst {
        // Random numbers go on from batch to batch: they are not masked alike.
        for (name, type) in states where batch == 0 || name != TracedModel.randomState {
          try program.set(name, HostTensor(type, repeating: 0))
        }
        bar.show(batch, "batches judged")
        batch += 1
      }
      for (name, tensor) in inputs { try program.set(name, tensor) }
      try program.run()
      return try program.reportedResults
    }
    bar.show(batch, "batches judged")
    return found
  }

  private func write(_ program: CompiledProgram, _ task: any TrainingTask, to path: String) throws {
    let weights = program.parameters.filter { $0.role == .weight || $0.role == .constant }.map(\.name)
    let tensors = try weights.map { ($0, try program.parameter($0)) }
    try write(Dictionary(uniqueKeysWithValues: tensors), task, to: path)
  }

  /// Weights with what they mean nothing without.
  private func write(_ weights: [String: HostTensor], _ task: any TrainingTask, to path: String) throws {
    let progress = task.meanings.isEmpty ? [:] : task.progress
    let meanings = task.meanings.compactMap { name in progress[name].map { ("task." + name, $0) } }
    try SafetensorsFile(tensors: weights.merging(meanings) { weight, _ in weight }).write(to: path)
  }

  /// What the task says of weights itself.
  private func judgement(
    _ task: any TrainingTask, _ choice: ModelChoice, _ checkpoint: String?, _ options: CompilerOptions
  ) throws -> Evaluation? {
    func store() throws -> ParameterStore {
      let store = try ParameterStore(task.model, seed: choice.options.seed)
      if let checkpoint {
        try check(checkpoint, task)
        try store.loadAll(checkpoint)
        try CheckpointError.namingOrigins { try ParameterStore.checkWhole(checkpoint, known: Set(store.names)) }
      }
      return store
    }
    if batches == 0 { return nil }
    if task.judgesItself { try refuseOptionsWithoutEffect(task, choice.family.name) }
    let judged = try task.evaluation(of: store, number: number ?? 0, options)
    if judged != nil, let save { try write(try store().tensors, task, to: save) }
    return judged
  }

  private func refuseOptionsWithoutEffect(_ task: any TrainingTask, _ family: String) throws {
    let given = [("--batches", batches), ("--steps", steps), ("--number", task.judgesByNumber ? nil : number)]
    for case (let option, let value?) in given {
      throw CommandError.judgesAll(family, option: "\(option) is \(value)")
    }
  }

  /// A checkpoint keeps what its numbers mean, for example a vocabulary; other data may say otherwise.
  private func check(_ checkpoint: String, _ task: any TrainingTask) throws {
    let tensors = try SafetensorsFile(path: checkpoint).tensors
    for name in task.meanings where tensors["task." + name] == nil {
      Output.progress("\(checkpoint) has no \(name); its weights are taken to be of the one at hand")
    }
    let own = task.progress
    let all = own.keys.compactMap { name in tensors["task." + name].map { (name, $0) } }
    let kept = all.filter { $0.1.type == own[$0.0]?.type }
    let others = all.filter { name, tensor in task.meanings.contains(name) && tensor.type != own[name]?.type }
    let problems =
      task.problems(in: Dictionary(uniqueKeysWithValues: kept))
      + others.compactMap { name, tensor in own[name].map { "\(name) is \(tensor.type), needs \($0.type)" } }
    if !problems.isEmpty { throw CheckpointError(path: checkpoint, problems: problems) }
  }

  private static func checkpoint(of run: RunFolder) throws -> String {
    guard run.holdsCheckpoint else { throw CommandError.noCheckpoint(run.path) }
    return run.checkpoint
  }

  /// A file that is no record may lie beside a checkpoint by chance.
  private static func record(beside checkpoint: String) -> RunRecord? {
    do { return try RunRecord.beside(checkpoint) } catch {
      Output.progress("\(error); the checkpoint is used without it")
      return nil
    }
  }

  private func load(_ path: String, _ program: CompiledProgram) throws {
    // What training averaged is what evaluation uses.
    let known = ParameterStore.numbers(in: try SafetensorsFile(path: path).tensors, .averaged)
    var kept: [(name: String, tensor: HostTensor)] = []
    var problems: [String] = []
    for (binding, role) in zip(program.plan.schedule.parameters, program.plan.graph.parameterRoles)
    where role == .weight || role == .constant {
      guard let (name, tensor) = known[binding.name], tensor.type == binding.type else {
        let found = known[binding.name].map { "\($0.name) is \($0.tensor.type)" } ?? "\(binding.name) is missing"
        problems.append("\(found), needs \(binding.type)")
        continue
      }
      kept.append((binding.name, tensor))
      // What no training can have saved.
      if let problem = tensor.notFinite(allowsInfinity: role == .constant) {
        problems.append("\(role.rawValue) '\(name)' \(problem)")
      }
      do { try program.checkIntegers(binding.name, tensor) } catch { problems.append("\(error)") }
    }
    if !problems.isEmpty { throw CheckpointError(path: path, problems: problems) }
    for (name, tensor) in kept { try program.set(name, tensor) }
  }
}
