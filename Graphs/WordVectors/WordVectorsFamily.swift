import Recurve

extension WordVectors {
  /// The model as commands know it.
  public static let family: ModelFamily = ModelFamily(
    name: "word-vectors", summary: "Word vectors: skip-gram with negative sampling",
    presets: [
      ModelPreset(
        "demonstration", batch: 4, depth: 1, recipe: recipe(.adagrad, 0.05),
        settings: ["minimum-count": "1", "subsampling": "none", "width": "64", "epochs": "20"]),
      ModelPreset("text", batch: 32, depth: 1, recipe: recipe(.gradientDescent, 0.035), checkpointEvery: 5000),
    ], presetForFiles: "text", depthName: "depth", settings: Setting.all, repetition: { _ in .none },
    adapting: { try adapted($1, to: $0) },
    make: { try WordVectorsTask(corpus($0), Sizes($0), seed: $0.seed) })

  /// The rate falls along a straight line to a ten-thousandth, as in word2vec.c.
  private static func recipe(_ rule: Recipe.Rule, _ rate: Double) -> Recipe {
    var recipe = Recipe(steps: 1, rule: rule, learningRate: rate, warmUp: 0, schedule: .linear)
    recipe.finalShare = 1e-4
    return recipe
  }

  private static func corpus(_ options: ModelOptions) throws -> Corpus {
    let minimumCount = options.integer(Setting.minimumCount.name)
    guard let path = options.dataPath else {
      let text = TextFile(text: DemonstrationText.text, path: "the demonstration text")
      return try Corpus(text, minimumCount: minimumCount)
    }
    // A line ends between two files, over which no window reaches.
    return try Corpus(TextDocuments(path: path).file, minimumCount: minimumCount)
  }

  /// As many steps as the epochs need on average: subsampling keeps a little more or less of the text in each.
  private static func adapted(_ recipe: Recipe, to options: ModelOptions) throws -> Recipe {
    let sizes = Sizes(options)
    let (corpus, epochs) = (try corpus(options), options.integer(Setting.epochs.name))
    let kept = SegmentStream.expectedWords(corpus, sizes) * Double(epochs)
    let needed = sizes.segments * sizes.segmentLength
    guard kept >= Double(needed) else {
      let path = options.dataPath ?? "the demonstration text"
      throw SparseTextError(path: path, kept: Int(kept), epochs: epochs, needed: needed)
    }
    let steps = (kept / Double(needed)).rounded(.up)
    var recipe = recipe
    recipe.steps = max(1, min(TrainingPlan.largestStepCount, Int(steps)))
    return recipe
  }

  /// What only this model has.
  enum Setting {
    static let width = whole("width", "numbers of a vector", 1...4096, 100)
    static let window = whole("window", "words on each side of a centre at most", 1...64, 5)
    static let windowKind = ModelSetting(
      "window-kind", "dynamic: as wide as a number drawn from 1 to the window", .choices(["dynamic", "fixed"]),
      standard: "dynamic")
    static let negatives = whole("negatives", "negatives that each pair weighs as much as", 1...1024, 5)
    static let sharedNegatives = whole("shared-negatives", "negatives that the pairs of a segment share", 1...4096, 22)
    static let minimumCount = whole("minimum-count", "occurrences that a word needs", 1...1_000_000_000, 5)
    static let subsampling = ModelSetting(
      "subsampling", "share kept of a word of frequency f; code: sqrt(t/f) + t/f, paper: sqrt(t/f)",
      .choices(Subsampling.Formula.allCases.map(\.rawValue)), standard: Subsampling.Formula.code.rawValue)
    static let threshold = ModelSetting("threshold", "t of the subsampling", .numbers(1e-12...1), standard: "0.0001")
    static let epochs = whole("epochs", "passes over the text", 1...1_000_000, 15)

    static let all = [
      width, window, windowKind, negatives, sharedNegatives, minimumCount, subsampling, threshold, epochs,
    ]

    private static func whole(
      _ name: String, _ summary: String, _ range: ClosedRange<Int>, _ standard: Int
    ) -> ModelSetting { ModelSetting(name, summary, .wholeNumbers(range), standard: "\(standard)") }
  }
}

extension WordVectors.Sizes {
  /// - Parameter options: complete.
  init(_ options: ModelOptions) {
    typealias Setting = WordVectors.Setting
    self.init(vocabulary: 0)
    width = options.integer(Setting.width.name)
    window = options.integer(Setting.window.name)
    hasDynamicWindow = options.settings[Setting.windowKind.name] == "dynamic"
    negatives = options.integer(Setting.negatives.name)
    sharedNegatives = options.integer(Setting.sharedNegatives.name)
    segments = options.batch ?? segments
    minimumCount = options.integer(Setting.minimumCount.name)
    let formula = options.settings[Setting.subsampling.name].flatMap(Subsampling.Formula.init) ?? .none
    subsampling = Subsampling(formula, threshold: options.number(Setting.threshold.name))
  }
}
