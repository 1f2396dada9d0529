import Recurve
import Testing

/// Layers that go through a sequence step by step, each step a run of a program with states, against the whole at once.
@Suite struct StepwiseLayerTests {
  private struct Layers {
    let convolution = Convolution1D(3, 3, size: 3, dilation: 2, groups: 3, padding: .causal)
    let mixing = Convolution1D(3, 4, size: 3, padding: .causal)
    let gru = GRU(4, 4)
    let lstm = LSTM(4, 4)
  }

  private static let length = 7

  @Test func stepsEqualTheWhole() throws {
    let layers = Layers()
    let store = try ParameterStore(layers, seed: 3)
    let whole = try store.program("whole") { io in
      let h = layers.mixing(layers.convolution(io("x", [1, Self.length, 3])))
      return ["y": layers.lstm(layers.gru(h).outputs).outputs]
    }
    let step = try store.program("step") { io in
      let (seen, mixed) = (io.state("seen", [1, 4, 3]), io.state("mixed", [1, 2, 3]))
      let (convolved, next) = layers.convolution(io("part", [1, 1, 3]), following: seen)
      let (h, nextMixed) = layers.mixing(convolved, following: mixed)
      (seen.next, mixed.next) = (next, nextMixed)
      let (state, hidden, cell) = (io.state("gru", [1, 4]), io.state("hidden", [1, 4]), io.state("cell", [1, 4]))
      state.next = layers.gru.cell(h.at(0, axis: 1), state)
      let lstm = layers.lstm.cell(state.next, (hidden, cell))
      (hidden.next, cell.next) = lstm
      return ["y": lstm.hidden]
    }
    let numbers = (0..<Self.length * 3).map { Float(($0 * 5) % 7 - 3) / 2 }
    let needed = try #require(try whole(["x": HostTensor([1, Self.length, 3], numbers)])["y"]).doubles
    let session = Session()
    for place in 0..<Self.length {
      let part = HostTensor([1, 1, 3], Array(numbers[place * 3..<place * 3 + 3]))
      let found = try #require(try step(["part": part], in: session)["y"]).doubles
      for (found, needed) in zip(found, needed[place * 4..<place * 4 + 4]) { #expect(abs(found - needed) < 1e-6) }
    }
  }

  /// A prompt at once, then what follows: the parts may have any length.
  @Test func partsOfAnyLengthEqualTheWhole() throws {
    let layers = Layers()
    let store = try ParameterStore(layers, seed: 3)
    func part(_ length: Int) throws -> ModelProgram {
      try store.program("part\(length)") { io in
        let seen = io.state("seen", [1, 4, 3])
        let (y, next) = layers.convolution(io("x", [1, length, 3]), following: seen)
        seen.next = next
        return ["y": y]
      }
    }
    let numbers = (0..<21).map { Float(($0 * 5) % 7 - 3) / 2 }
    func run(_ program: ModelProgram, _ range: Range<Int>, _ session: Session) throws -> [Double] {
      let x = HostTensor([1, range.count, 3], Array(numbers[range.lowerBound * 3..<range.upperBound * 3]))
      return try #require(try program(["x": x], in: session)["y"]).doubles
    }
    let session = Session()
    let parts = try run(part(5), 0..<5, session) + run(part(2), 5..<7, session)
    #expect(parts == (try run(part(7), 0..<7, Session())))
  }
}
