import Testing
import Training

/// Learning rates against PyTorch's schedulers, and the rule of early stopping.
@Suite struct ScheduleTests {
  static let schedules: [String: LearningRate] = [
    "constant": 0.5, "warm-up": LearningRate(0.5, warmUp: 10),
    "steps": LearningRate(0.5, decay: .steps(every: 30, factor: 0.1)),
    "cosine": LearningRate(0.5, decay: .cosine(until: 100, end: 0.1)),
    "linear": LearningRate(0.5, decay: .linear(until: 80, end: 0.2)),
    "warm-up-cosine": LearningRate(0.5, warmUp: 10, decay: .cosine(until: 100)),
  ]

  @Test func ratesFollowTheReference() throws {
    let reference = try ReferenceTrajectories.load().schedules
    #expect(Set(reference.keys) == Set(Self.schedules.keys))
    for (name, schedule) in Self.schedules {
      let expected = try #require(reference[name])
      for (step, rate) in expected.enumerated() {
        #expect(abs(schedule.rate(at: step) - rate) < 1e-12, "\(name), step \(step)")
      }
    }
  }

  @Test func ratesStayAtTheirEnd() {
    #expect(abs(LearningRate(2, decay: .cosine(until: 10, end: 0.25)).rate(at: 50) - 0.5) < 1e-15)
    #expect(abs(LearningRate(2, decay: .linear(until: 10, end: 0.25)).rate(at: 50) - 0.5) < 1e-15)
  }

  @Test func numbersOutOfRangeAreNamed() throws {
    func message(_ schedule: LearningRate) throws -> String {
      "\(try #require(throws: OptimizerError.self) { try schedule.check() })"
    }
    #expect(try message(LearningRate(-1, warmUp: -2)).contains("learning rate: base is -1.0, needs at least 0; warmUp"))
    let steps = LearningRate(1, decay: .steps(every: 0, factor: 0))
    #expect(try message(steps) == "learning rate: every is 0.0, needs at least 1; factor is 0.0, needs more than 0")
    #expect(try message(LearningRate(1, decay: .linear(until: 0))) == "learning rate: until is 0.0, needs at least 1")
  }

  @Test func stopsWhenNothingImproves() {
    var stopping = EarlyStopping(patience: 2, leastImprovement: 0.1)
    let readings = [3, 2, 1.95, 1.5, 1.45, .nan]
    #expect(readings.map { stopping.shouldStop(after: $0) } == [false, false, false, false, false, true])
    #expect(stopping.best == 1.5)
    var copy = EarlyStopping(patience: 2, leastImprovement: 0.1)
    #expect(copy.restore(stopping.progress) == nil)
    #expect(copy == stopping)
  }
}
