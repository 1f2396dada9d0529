import KernelIR
import Recurve
import Scheduling
import Testing

@testable import recurve_benchmark

/// Counts that decide the speed of workload W1 on small sizes; they may fall, not rise.
@Suite struct CountGateTests {
  struct Gate: Sendable, CustomTestStringConvertible {
    var variant: PeerVariant
    var gradient: GradientMode
    /// Distinct kernels, launches per step, megabytes that launches read and write, planned megabytes, and giga-flops of
    /// products: the last is the workload's own and must be equal.
    var kernels: Int
    var launches: Int
    var movedMegabytes: Int
    var plannedMegabytes: Int
    var gigaflops: Double
    var testDescription: String { "\(variant) \(gradient)" }
  }

  static let gates: [Gate] = [
    Gate(
      variant: .attn, gradient: .full, kernels: 58, launches: 513, movedMegabytes: 3136, plannedMegabytes: 457,
      gigaflops: 92.397),
    Gate(
      variant: .attn, gradient: .last(1), kernels: 65, launches: 300, movedMegabytes: 1505, plannedMegabytes: 164,
      gigaflops: 51.337),
    Gate(
      variant: .mlp, gradient: .full, kernels: 57, launches: 513, movedMegabytes: 3326, plannedMegabytes: 484,
      gigaflops: 96.327),
  ]

  @Test(arguments: gates) func smallStepStaysWithin(_ gate: Gate) throws {
    let sizes = try #require(PeerSizes.all.first { $0.name == "small" })
    let traced = try PeerModel(sizes, gate.variant, gradient: gate.gradient).traced(name: "w1")
    let step = try TrainingStep(traced.graph, .adamW(betas: (0.9, 0.95), epsilon: 1e-8, decay: 0.1))
    let plan = try Compiler.plan(step.graph, CompilerOptions(workerCount: 2))
    let counts = Counts(plan.schedule)
    #expect(plan.schedule.functions.count <= gate.kernels)
    #expect(counts.launches <= gate.launches)
    #expect(counts.movedBytes / 1_000_000 <= gate.movedMegabytes)
    #expect(plan.memory.arenaByteCount / 1_000_000 <= gate.plannedMegabytes)
    #expect(abs(Double(counts.productFlops) / 1e9 - gate.gigaflops) < 0.001)
  }

  /// Recurrences, full gradient: launches per step, and planned megabytes; they may fall, not rise.
  @Test(arguments: [
    (UnseenModel.lstm, false, 359, 15), (.delta, false, 91, 19), (.delta, true, 107, 172), (.mamba, false, 1216, 22),
    (.mingru, false, 48, 22),
  ]) func recurrencesStayWithin(_ kind: UnseenModel, _ isLarge: Bool, _ launches: Int, _ plannedMegabytes: Int) throws {
    let step = try UnseenWorkload(kind: kind, isLarge: isLarge, gradient: .full).step()
    let plan = try Compiler.plan(step.graph, CompilerOptions(workerCount: 2))
    #expect(Counts(plan.schedule).launches <= launches)
    #expect(plan.memory.arenaByteCount / 1_000_000 < plannedMegabytes)
  }

  /// W3, which keeps of every layer what its products read and no result of a norm or of GELU.
  @Test func transformerStaysWithin() throws {
    let step = try TrainingStep(GPTStep(GPTStep.sizes, batch: GPTStep.batch).traced(name: "w3").graph, .peerAdamW)
    let plan = try Compiler.plan(step.graph, CompilerOptions(workerCount: 2))
    #expect(Counts(plan.schedule).launches <= 184)
    #expect(plan.memory.arenaByteCount / 1_000_000 <= 277)
  }
}

extension KernelFunction {
  fileprivate var productFlops: Int {
    switch self {
    case .contraction(let product): product.flops
    case .streamed(let group):
      group.members.reduce(0) { total, member in
        switch member.body {
        case .product(let product), .batchedProduct(let product): total + product.flops
        case .nest: total
        }
      }
    case .nest, .rows, .packing: 0
    }
  }
}

/// What the launches of one run add up to; a loop that workers go through by themselves is one.
private struct Counts {
  var launches = 0
  var movedBytes = 0
  var productFlops = 0

  init(_ schedule: Schedule) {
    var isByRows = false
    schedule.forEachStep { step, times in
      switch step {
      case .call(let call):
        launches += isByRows ? 0 : times
        movedBytes += schedule.launches[call.launch].byteCount * times
        productFlops += schedule.functions[call.function].productFlops * times
      case .copy(_, _, let byteCount): movedBytes += 2 * byteCount * times
      case .loopBegin(let loop):
        isByRows = loop.rows != nil
        launches += isByRows ? times : 0
      case .loopEnd: isByRows = false
      case .storeIteration: break
      }
    }
  }
}
