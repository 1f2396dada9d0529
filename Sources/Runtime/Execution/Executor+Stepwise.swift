import Foundation

/// Runs that somebody follows step by step.
extension Executor {
  /// Runs the program once and stops before and after every step.
  ///
  /// - Parameters:
  ///   - before: is given the number of the step that comes next, as `runTimed` counts them.
  ///   - after: is given the number of the step that ended.
  public func run(before: (_ step: Int) -> Void, after: (_ step: Int) -> Void) {
    isWatched = true
    defer { isWatched = false }
    var position = 0
    while position < instructions.count {
      before(position)
      let next = run(instructions[position], at: position)
      after(position)
      position = next
    }
    isUntouched = false
  }

  /// Runs the program once with a clock around every step.
  ///
  /// - Parameter observe: is given each step's number in the order of the program, a loop's beginning and end being steps
  ///   of their own, and when it started and how long it took, in seconds since the run began.
  public func runTimed(_ observe: (_ step: Int, _ start: Double, _ seconds: Double) -> Void) {
    let begin = ContinuousClock.now
    var position = 0
    while position < instructions.count {
      let start = ContinuousClock.now
      let next = run(instructions[position], at: position)
      let (since, seconds) = ((start - begin) / .seconds(1), (ContinuousClock.now - start) / .seconds(1))
      if instructions[position].isLoopBegin, let loop = rowLoops[Int(instructions[position].number)] {
        observeRows(loop, at: position, since, seconds, observe)
      } else {
        observe(position, since, seconds)
      }
      position = next
    }
    isUntouched = false
  }

  /// No clock is between the iterations of such a loop: each call is said to take as long as the others.
  private func observeRows(
    _ loop: RowLoop, at position: Int, _ start: Double, _ seconds: Double,
    _ observe: (_ step: Int, _ start: Double, _ seconds: Double) -> Void
  ) {
    let count = iterationCounts[loop.number]
    observe(position, start, 0)
    for iteration in 0..<count {
      let since = start + seconds * Double(iteration) / Double(count)
      for step in loop.body { observe(step, since, instructions[step].kind == .call ? seconds / Double(count) : 0) }
      observe(loop.body.upperBound, since, 0)
    }
  }
}
