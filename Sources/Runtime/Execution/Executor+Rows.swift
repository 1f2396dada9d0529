import CKernelSupport
import Foundation
import KernelIR

/// A loop whose rows go through all iterations, each worker's as fast as it can.
struct RowLoop {
  var number: Int
  var isReversed: Bool
  var rows: Step.Loop.Rows
  /// Positions of its instructions: one call, and copies.
  var body: Range<Int>
  /// Of the body, in the table of pointers.
  var slots: Range<Int>
}

/// What the workers of a loop by rows share.
private struct RowLaunch {
  var executor: Unmanaged<Executor>
  var loop: RowLoop
  var iterationCount: Int
}

extension Executor {
  /// Runs a loop, shares of its rows side by side, and returns the position behind it.
  func runByRows(_ loop: RowLoop, iterationCount: Int) -> Int {
    // Where it was found there may be something else when the loop ends.
    iterationCounts[loop.number] = iterationCount
    var launch = RowLaunch(executor: .passUnretained(self), loop: loop, iterationCount: iterationCount)
    let shares = Int64(loop.rows.shares)
    if iterationCount > 0 {
      if workerCount == 1 {
        for index in 0..<shares {
          runRows(loop, iterationCount, .init(index: index, count: shares, worker: 0, workers: 1))
        }
      } else if let pool, !isInTurn {
        (isUntouched ? recurve_pool_run_apart : recurve_pool_run)(pool, runRowLaunch, &launch, shares)
      } else {
        forEachShareInTurn(shares) { runRows(loop, iterationCount, $0) }
      }
    }
    return loop.body.upperBound + 1
  }

  /// Takes a share of the rows through all iterations, with arguments of the worker's own.
  fileprivate func runRows(_ loop: RowLoop, _ iterationCount: Int, _ share: recurve_share) {
    var share = share
    let own = rowPointers + Int(share.worker) * rowPointerCount
    own.update(from: pointers + loop.slots.lowerBound, count: loop.slots.count)
    for iteration in 0..<iterationCount {
      move(own, loop, to: loop.isReversed ? iterationCount - 1 - iteration : iteration)
      for position in loop.body { run(instructions[position], of: loop, own, &share) }
    }
  }

  /// Moves a worker's arguments to an iteration.
  private func move(_ own: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, _ loop: RowLoop, to iteration: Int) {
    for argument in moving[loop.number] {
      let offset = argument.terms.reduce(0) {
        $0 + ($1.loop == loop.number ? iteration : steps[$1.loop]) * $1.byteStride
      }
      own[argument.slot - loop.slots.lowerBound] = (argument.base + offset).assumingMemoryBound(to: CChar.self)
    }
  }

  private func run(
    _ instruction: Instruction, of loop: RowLoop, _ own: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>,
    _ share: inout recurve_share
  ) {
    let first = Int(instruction.firstArgument) - loop.slots.lowerBound
    if instruction.kind == .call {
      let scratch = instruction.extra >= 0 ? own[instruction.extra - loop.slots.lowerBound] : nil
      return entries[Int(instruction.number)](UnsafePointer(own + first), scratch, &share)
    }
    precondition(instruction.kind == .copy, "a loop by rows has a step of kind \(instruction.kind)")
    let (rows, panelRows) = (loop.rows, loop.rows.panelRows)
    let panels = Int64((rows.count + panelRows - 1) / panelRows)
    let begin = Int(recurve_share_begin(&share, panels)) * panelRows
    let end = min(Int(recurve_share_end(&share, panels)) * panelRows, rows.count)
    let rowByteCount = instruction.count / rows.count
    if let source = own[first], let destination = own[first + 1] {
      memmove(destination + begin * rowByteCount, source + begin * rowByteCount, (end - begin) * rowByteCount)
    }
  }
}

private func runRowLaunch(_ context: UnsafeMutableRawPointer?, _ share: UnsafePointer<recurve_share>) {
  guard let launch = context?.assumingMemoryBound(to: RowLaunch.self) else { return }
  launch.pointee.executor.takeUnretainedValue().runRows(
    launch.pointee.loop, launch.pointee.iterationCount, share.pointee)
}
