import CKernelSupport
import KernelIR
import TensorTypes
import Testing

@testable import Execution

/// Steps as the executor reads them.
@Suite struct InstructionTests {
  private static let outer = Step.Loop(number: 0, count: 3, isReversed: false)
  private static let inner = Step.Loop(number: 1, count: 2, isReversed: true)

  /// Writes `10 * outer + inner` for every iteration into a table of 3 x 2.
  private static let steps: [Step] = {
    let number = Place(.buffer(0), terms: [.init(loop: 0, byteStride: 8), .init(loop: 1, byteStride: 4)])
    return [
      .loopBegin(outer), .storeIteration(loop: 0, destination: Place(.buffer(1))), .loopBegin(inner),
      .storeIteration(loop: 1, destination: Place(.buffer(1), byteOffset: 4)),
      .call(
        .init(
          function: 0,
          arguments: [
            .init(number, isRead: false, isWritten: true), .init(Place(.buffer(1)), isRead: true, isWritten: false),
          ], scratch: nil, shares: 1, launch: 0)),
      .loopEnd(inner, begin: 2), .loopEnd(outer, begin: 0),
      .copy(source: Place(.buffer(0)), destination: Place(.buffer(2)), byteCount: 24),
    ]
  }()

  private static let program = Program(
    name: "loops", steps: steps, loopCount: 2, bufferOffsets: [64, 0, 128], parameterOffsets: [], arenaByteCount: 192,
    persistentByteCount: 0, parameters: [], results: [])

  @Test func everyStepIsOneInstruction() {
    let memory = UnsafeMutableRawPointer(bitPattern: 4096)!
    let assembly = InstructionAssembly(Self.program) { Self.program.address($0, step: memory, parameters: []) }
    #expect(
      assembly.instructions.map(\.kind) == [
        .loopBegin, .storeIteration, .loopBegin, .storeIteration, .call, .loopEnd, .loopEnd, .copy,
      ])
    #expect(assembly.instructions[5].count == 3 && assembly.instructions[6].count == 1, "where bodies begin")
    #expect(assembly.moving.map(\.count) == [0, 1], "an address moves with its innermost loop")
    #expect(assembly.pointers.map { UnsafeRawPointer($0!) - UnsafeRawPointer(memory) } == [0, 4, 64, 0, 64, 128])
  }

  @Test func loopsRunAndMoveAddresses() throws {
    let kernel: recurve_kernel = { buffers, _, _ in
      buffers![1]!.withMemoryRebound(to: Int32.self, capacity: 2) { numbers in
        buffers![0]!.withMemoryRebound(to: Int32.self, capacity: 1) { $0.pointee = 10 * numbers[0] + numbers[1] }
      }
    }
    let executor = try Executor(Self.program, entries: [kernel], workerCount: 1)
    executor.run()
    let table = UnsafeRawBufferPointer(rebasing: executor.memory.step[128..<152]).bindMemory(to: Int32.self)
    #expect(Array(table) == [0, 1, 10, 11, 20, 21])
    var seen: [Int] = []
    executor.runTimed { step, _, _ in seen.append(step) }
    #expect(seen.count == 1 + 3 * (1 + 1 + 2 * 3 + 1) + 1)
  }

  /// A loop that adds each row of a parameter to a sum; the parameter lies here, then there.
  @Test func parametersLieWhereTheyArePlaced() throws {
    let add: recurve_kernel = { buffers, _, _ in
      buffers![1]!.withMemoryRebound(to: Float.self, capacity: 1) { number in
        buffers![0]!.withMemoryRebound(to: Float.self, capacity: 1) { $0.pointee += number.pointee }
      }
    }
    let (rows, sum) = (TensorType(.float32, [4]), TensorType.scalar)
    let loop = Step.Loop(number: 0, count: 3, isReversed: false)
    let row = Place(.parameter(0), byteOffset: 4, terms: [.init(loop: 0, byteStride: 4)])
    let call = Step.Call(
      function: 0,
      arguments: [
        .init(Place(.parameter(1)), isRead: true, isWritten: true), .init(row, isRead: true, isWritten: false),
      ], scratch: nil, shares: 1, launch: 0)
    let shared = try TensorMemory.block([rows, rows, sum])
    let program = Program(
      name: "sum", steps: [.loopBegin(loop), .call(call), .loopEnd(loop, begin: 0)], loopCount: 1, bufferOffsets: [],
      parameterOffsets: [0, 64], arenaByteCount: 0, persistentByteCount: 128,
      parameters: [
        .init(name: "rows", type: rows, place: Place(.parameter(0))),
        .init(name: "sum", type: sum, place: Place(.parameter(1))),
      ], results: [.init(name: "sum", type: sum, place: Place(.parameter(1)))])
    let executor = try Executor(program, entries: [add], workerCount: 1, shared: [0: shared[0]])
    shared[0].set(HostTensor([4], [100, 1, 2, 3] as [Float]))
    shared[1].set(HostTensor([4], [100, 10, 20, 30] as [Float]))
    shared[2].set(HostTensor(.scalar, [1000] as [Float]))
    executor.run()
    #expect(executor.result(0).floats == [6])
    executor.place(0, in: shared[1])
    executor.run()
    #expect(executor.result(0).floats == [66])
    executor.place(1, in: shared[2])
    executor.run()
    #expect(executor.result(0).floats == [1060] && shared[2].tensor.floats == [1060])
  }
}
