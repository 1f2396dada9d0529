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

  @Option(
    help: """
      Iterations of the outermost recursion, separated by commas; 10, or those of the run, without it. Layers where nothing is \
      repeated, as many as the preset has.
      """)
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
    let choice = try arguments.choice(writing: [])
    let (family, depths, modes) = (choice.family, try depths(of: choice), try gradientModes(of: choice))
    try check(depths, modes, choice)
    let files = output.map { ComparisonFiles($0, family, depths: depths, modes) }
    if let files { try prepare(files, choice) }
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
    if let files { try write(table, rows, choice, deepest: depths.max(), to: files) }
  }

  /// Makes the folder, for what takes long is not to be lost.
  private func prepare(_ files: ComparisonFiles, _ choice: ModelChoice) throws {
    for path in files.all { try ArgumentChecks.checkOutput("output", path, isNotOf: choice.options.dataPath) }
    try Output.createFolder(files.folder)
    try ArgumentChecks.checkFolder(of: files.table)
  }

  /// What was asked for is refused before anything is measured.
  private func check(_ depths: [Int], _ modes: [GradientMode], _ choice: ModelChoice) throws {
    for mode in modes {
      for depth in depths {
        if self.modes != nil { try ArgumentChecks.checkReach(of: mode, iterations: depth) }
        var options = choice.options
        (options.depth, options.gradient) = (depth, mode)
        _ = try choice.family.completed(options)
      }
    }
  }

  /// Ten where something is repeated and nobody says how often.
  private func depths(of choice: ModelChoice) throws -> [Int] {
    guard let depth else {
      let isRecursion = choice.family.repetition(of: choice.options.variant) == .recursion
      return [choice.record == nil && isRecursion ? 10 : choice.options.depth ?? 10]
    }
    let depths = depth.split(separator: ",").map { Int($0) }
    guard !depths.isEmpty, depths.allSatisfy({ $0.map(ArgumentChecks.iterations.contains) ?? false }) else {
      throw CommandError.invalidNumbers(depth, option: "depth")
    }
    return try distinct(depths.compactMap { $0 }, "depth")
  }

  private func gradientModes(of choice: ModelChoice) throws -> [GradientMode] {
    if let modes {
      return try distinct(try modes.split(separator: ",").map { try GradientMode(argument: String($0)) }, "modes")
    }
    // Without repetition there is one mode, which the preset has.
    return choice.family.repetition(of: choice.options.variant) == .recursion ? Comparison.standardModes() : [.full]
  }

  private func distinct<Value: Hashable>(_ values: [Value], _ option: String) throws -> [Value] {
    for (place, value) in values.enumerated() where values[..<place].contains(value) {
      throw ValidationError("--\(option) names \(value) twice")
    }
    return values
  }

  private func warn(_ rows: [ComparisonRow]) {
    let names = rows.first?.disconnectedWeights ?? []
    if !names.isEmpty { Output.progress("these weights get no gradient: \(names.joined(separator: ", "))") }
  }

  private func write(
    _ table: String, _ rows: [ComparisonRow], _ choice: ModelChoice, deepest: Int?, to files: ComparisonFiles
  ) throws {
    try Output.write(table + "\n", to: files.table)
    let family = choice.family
    var choice = choice
    choice.options.depth = deepest
    for mode in files.drawnModes {
      choice.options.gradient = mode
      let step = try CompiledStep(choice, arguments.compilerOptions)
      try step.memoryMap(title: "\(family.name), \(family.depthName) \(choice.options.depth ?? 1), \(mode)").write(
        to: files.map(of: mode))
      if mode == files.drawnModes.last { try step.writeDiagram(to: files.diagram) }
    }
    if let curves = files.curves { try draw(rows, family, curves) }
    Output.progress("wrote \(files.table), pictures beside it")
  }

  private func used(_ row: ComparisonRow) -> Int { row.engineTemporaryBytes ?? row.highestBytes }

  private func draw(_ rows: [ComparisonRow], _ family: ModelFamily, _ path: String) throws {
    let measured = rows.filter { used($0) > 0 }
    if measured.isEmpty {
      return Output.progress("no \(path): \(rows.first?.engine ?? "the engine") does not say what memory it needs")
    }
    try chart(measured, family).write(to: path)
  }

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
