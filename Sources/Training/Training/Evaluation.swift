import TensorTypes

/// How a model does on sequences that training never sees.
public struct Evaluation: Sendable, Hashable {
  /// What is judged, in the plural: "puzzles".
  public var unit: String
  /// How many of them.
  public var count: Int
  /// Whether training never sees them.
  public var isHeldOut = true
  /// Means over all.
  public var measures: [Measure]
  /// The same by what makes sequences or answers differ.
  public var tables: [Table]
  /// What else people want to see, for example wrong answers.
  public var notes: String

  /// Means by a key: one row for each.
  public struct Table: Sendable, Hashable {
    /// What rows differ in: "supervision step".
    public var key: String
    /// Names of the means, as of measures.
    public var columns: [String]
    public var rows: [Row]

    public init(key: String, columns: [String], rows: [Row]) {
      (self.key, self.columns, self.rows) = (key, columns, rows)
    }
  }

  public struct Row: Sendable, Hashable {
    public var key: String
    /// How many the means are over.
    public var count: Int
    /// As many as there are columns.
    public var values: [Double]

    public init(key: String, count: Int, values: [Double]) {
      (self.key, self.count, self.values) = (key, count, values)
    }
  }

  public init(unit: String, count: Int, measures: [Measure], tables: [Table] = [], notes: String = "") {
    (self.unit, self.count, self.measures, self.tables, self.notes) = (unit, count, measures, tables, notes)
  }
}

extension TrainingTask {
  /// Runs a step of the model on inputs; states start anew with the first step of a batch.
  public typealias Answer = (
    _ inputs: [(name: String, tensor: HostTensor)], _ isFirst: Bool
  ) throws -> [String: HostTensor]

  public var evaluationBatches: Int { 4 }

  /// How many batches are judged where so many are asked for: at least one, and none that has nothing new.
  public func evaluatedBatches(of batches: Int) -> Int {
    let most = validationCount.map { ($0 + batchSize - 1) / batchSize } ?? .max
    return max(1, min(batches, most))
  }

  /// Means of the scalars that the last step of every batch reports, each weighing by what the model counted.
  public func evaluation(batches: Int, _ answer: Answer) throws -> Evaluation {
    let batches = evaluatedBatches(of: batches)
    let found = try (0..<batches).flatMap { number -> [Measure] in
      var results: [String: HostTensor] = [:]
      for (index, inputs) in try validationSteps(number).enumerated() { results = try answer(inputs, index == 0) }
      // The last batch may begin anew with the first sequence; it weighs as what it adds. What a model has counted itself
      // is that already.
      let new = min(validationCount.map { $0 - number * batchSize } ?? batchSize, batchSize)
      return Measure.scalars(results, count: max(new, 1))
    }
    let measures = Dictionary(grouping: found, by: \.name).sorted { $0.key < $1.key }.compactMap { name, measures in
      measures.mean().map { Measure(name: name, value: $0.value, count: $0.count) }
    }
    let count = min(batches * batchSize, validationCount ?? .max)
    var evaluation = Evaluation(unit: "sequences", count: count, measures: measures)
    evaluation.isHeldOut = holdsOutData
    return evaluation
  }
}
