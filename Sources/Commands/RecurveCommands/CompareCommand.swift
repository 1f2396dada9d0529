import ArgumentParser
import Comparison
import Diagrams
import Modeling
import Operators
import Reports
import Training

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Prices gradient depth: memory, time and gradient of full, checkpointed, revolve and detached modes.")

  @OptionGroup var arguments: ModelArguments
  @OptionGroup var engineArguments: EngineArguments

  @Option(help: "Iterations of the outermost recursion, separated by commas; 10, or those of the run, without it.")
  var depth: String?

  @Option(help: "Gradient modes separated by commas: full, last:K, none, checkpointed:EVERY, revolve:SLOTS.")
  var modes: String?

  @Option(help: "Steps that are timed; the median counts.")
  var repetitions: Int = 3

  @Option(name: .shortAndLong, help: "Folder for the table and the pictures; none are written without it.")
  var output: String?

  @Flag(help: "Prints an array of rows as JSON.")
  var json = false

  func validate() throws {
    try ArgumentChecks.check("repetitions", repetitions, ArgumentChecks.iterations)
    if let modes, modes.split(separator: ",").isEmpty { throw ValidationError("--modes names no gradient mode") }
  }

  func run() throws {
    let choice = try arguments.choice()
    let (family, depths, modes) = (choice.family, try depths(of: choice.record), try gradientModes())
    if self.modes != nil {
      for mode in modes { for depth in depths { try ArgumentChecks.checkReach(of: mode, iterations: depth) } }
    }
    let comparison = Comparison(
      family: family, options: choice.options, depths: depths, modes: modes,
      compilerOptions: try engineArguments.applied(to: arguments.compilerOptions), repetitions: repetitions)
    let options = comparison.compilerOptions
    if options.engine == nil && options.toolchain == nil { Output.progress(DoctorReport.noCompiler) }
    if arguments.verify {
      Output.progress("each step runs once more, watched: slow, with all buffers in memory at once")
    }
    let rows = try comparison.run(starting: { depth, mode in
      Output.progress("\(family.name), \(family.depthName) \(depth), \(mode) ...")
    })
    let table = ComparisonTable.text(rows, depthName: family.depthName)
    if json { try Output.json(rows) } else { try Output.result(table) }
    warn(rows)
    if let output { try write(table, rows, choice, deepest: depths.max(), to: output) }
  }

  private func depths(of run: RunRecord?) throws -> [Int] {
    guard let depth else { return [run?.depth ?? 10] }
    let depths = depth.split(separator: ",").map { Int($0) }
    guard !depths.isEmpty, depths.allSatisfy({ $0.map(ArgumentChecks.iterations.contains) ?? false }) else {
      throw CommandError.invalidNumbers(depth, option: "depth")
    }
    return depths.compactMap { $0 }
  }

  private func gradientModes() throws -> [GradientMode] {
    try modes.map { try $0.split(separator: ",").map { try GradientMode(argument: String($0)) } }
      ?? Comparison.standardModes()
  }

  private func warn(_ rows: [ComparisonRow]) {
    let names = rows.first?.disconnectedWeights ?? []
    if !names.isEmpty { Output.progress("these weights get no gradient: \(names.joined(separator: ", "))") }
  }

  private func write(
    _ table: String, _ rows: [ComparisonRow], _ choice: ModelChoice, deepest: Int?, to folder: String
  ) throws {
    try Output.createFolder(folder)
    try Output.write(table + "\n", to: folder + "/comparison.txt")
    let family = choice.family
    var choice = choice
    choice.options.depth = deepest
    let map = folder + "/memory"
    for mode in [GradientMode.full, .last(1)] {
      choice.options.gradient = mode
      let step = try CompiledStep(choice, arguments.compilerOptions)
      try step.memoryMap(title: "\(family.name), \(family.depthName) \(choice.options.depth ?? 1), \(mode)").write(
        to: "\(map)-\(mode.name).svg")
      if mode == .last(1) { try step.writeDiagram(to: folder + "/\(family.name).svg") }
    }
    if Set(rows.map(\.depth)).count > 1 { try chart(rows, family).write(to: folder + "/comparison.svg") }
    Output.progress("wrote \(folder)/comparison.txt, pictures beside it")
  }

  private func used(_ row: ComparisonRow) -> Int { row.engineTemporaryBytes ?? row.highestBytes }

  /// Memory over depth, one curve per mode.
  private func chart(_ rows: [ComparisonRow], _ family: ModelFamily) -> Chart {
    var names: [String] = []
    for row in rows where !names.contains(row.mode) { names.append(row.mode) }
    let series = names.map { name in
      Chart.Series(
        name: name,
        points: rows.filter { $0.mode == name }.map { (Double($0.depth), Double(used($0)) / 1e6) }, hasMarks: true)
    }
    let isOwn = rows.contains { $0.engineTemporaryBytes != nil }
    return Chart(
      title: "\(family.name): memory of one training step", xLabel: family.depthName,
      yLabel: isOwn ? "MB, by the engine's own account" : "MB, up to the highest address written",
      isLogarithmic: true, series: series)
  }
}
