import CKernelSupport
import TensorTypes
import Testing

extension CounterRandom {
  /// Numbers among which both zeros are.
  mutating func values(_ count: Int) -> [Float] {
    (0..<count).map { _ in
      let draw = next() % 50
      return draw == 0 ? 0 : draw == 1 ? -0.0 : Float.random(in: -1...1, using: &self)
    }
  }
}

/// A contraction with random strides, and what it must compute.
struct ContractionCase {
  enum Operand: Int, CaseIterable { case a, b, result }
  struct Axis {
    var extent: Int
    var strides = [0, 0, 0]
  }
  /// Axes by kind: batch, m, n, k.
  var axes: [[Axis]]
  var sizes = [0, 0, 0]

  static let kindsOfOperand: [[Int]] = [[0, 1, 3], [0, 2, 3], [0, 1, 2]]

  init(extents: [Int], using random: inout CounterRandom) {
    axes = extents.map { extent in Self.factors(of: extent, using: &random).map { Axis(extent: $0) } }
    for operand in 0..<3 {
      // Memory order: often the plain one, otherwise any, with gaps now and then.
      var order = Self.kindsOfOperand[operand].flatMap { kind in axes[kind].indices.map { (kind, $0) } }
      if Bool.random(using: &random) { order.shuffle(using: &random) }
      var stride = 1
      for (kind, index) in order.reversed() {
        axes[kind][index].strides[operand] = stride
        stride *= axes[kind][index].extent
        if random.next() % 6 == 0 { stride += Int(random.next() % 5) + 1 }
      }
      sizes[operand] = stride
    }
  }

  /// The same with columns of the right operand that are contiguous along the sum, each in a row of its own with a gap behind.
  func withColumnsAlongSums() -> ContractionCase {
    var one = self
    let extents = axes.map { $0.reduce(1) { $0 * $1.extent } }
    let (columns, depth) = (extents[2], extents[3])
    let row = depth + 3
    func axis(_ extent: Int, _ left: Int, _ right: Int, _ result: Int) -> Axis {
      Axis(extent: extent, strides: [left, right, result])
    }
    one.axes = [
      [axis(extents[0], extents[1] * depth, columns * row, extents[1] * columns)],
      [axis(extents[1], depth, 0, columns)],
      [axis(columns, 0, row, 1)], [axis(depth, 1, 1, 0)],
    ]
    one.sizes = [
      extents[0] * extents[1] * depth, extents[0] * columns * row, extents[0] * extents[1] * columns,
    ]
    return one
  }

  /// The same with the right operand in panels of 32 columns already, which nothing packs; columns are a multiple of 32.
  func withRightInPanels() -> ContractionCase {
    var one = self
    let extents = axes.map { $0.reduce(1) { $0 * $1.extent } }
    let (columns, depth) = (extents[2], extents[3])
    func axis(_ extent: Int, _ right: Int, _ left: Int, _ result: Int) -> Axis {
      Axis(extent: extent, strides: [left, right, result])
    }
    one.axes = [
      [axis(extents[0], columns * depth, extents[1] * depth, extents[1] * columns)],
      [axis(extents[1], 0, depth, columns)],
      [axis(columns / 32, 32 * depth, 0, 32), axis(32, 1, 0, 1)],
      [axis(depth, 32, 1, 0)],
    ]
    one.sizes = [
      extents[0] * extents[1] * depth, extents[0] * columns * depth, extents[0] * extents[1] * columns,
    ]
    return one
  }

  static func factors(of extent: Int, using random: inout CounterRandom) -> [Int] {
    var rest = extent
    var factors: [Int] = []
    while factors.count < 3, random.next() % 3 == 0, let factor = (2...7).first(where: { rest > $0 && rest % $0 == 0 })
    {
      factors.append(factor)
      rest /= factor
    }
    return rest == 1 && Bool.random(using: &random) ? factors : factors + [rest]
  }

  var description: recurve_contraction {
    var contraction = recurve_contraction()
    for (kind, list) in axes.enumerated() {
      for axis in list {
        let strides = axis.strides.map(Int64.init)
        _ = recurve_add_axis(
          &contraction, recurve_axis_kind(rawValue: UInt32(kind)),
          recurve_axis(
            extent: Int64(axis.extent), a_stride: strides[0], b_stride: strides[1], result_stride: strides[2]))
      }
    }
    return contraction
  }

  /// The offset in every operand of every flattened index of a kind.
  func offsets(_ kind: Int) -> [[Int]] {
    axes[kind].reduce([[0, 0, 0]]) { offsets, axis in
      offsets.flatMap { offset in
        (0..<axis.extent).map { index in (0..<3).map { offset[$0] + index * axis.strides[$0] } }
      }
    }
  }

  /// The definition, in plain loops.
  func expected<Element: BinaryFloatingPoint>(
    _ a: [Element], _ b: [Element], _ accumulator: [Element]?, _ start: [Element]
  ) -> [Element] {
    var result = start
    let steps = offsets(3)
    let stepsOfA = steps.map { $0[0] }, stepsOfB = steps.map { $0[1] }
    let rows = offsets(1), columns = offsets(2)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        for batch in offsets(0) {
          for row in rows {
            for column in columns {
              let baseOfA = batch[0] + row[0], baseOfB = batch[1] + column[1]
              let place = batch[2] + row[2] + column[2]
              var sum: Element = -0.0
              for start in stride(from: 0, to: stepsOfA.count, by: 256) {
                var chain: Element = -0.0
                for k in start..<min(start + 256, stepsOfA.count) {
                  chain.addProduct(a[baseOfA + stepsOfA[k]], b[baseOfB + stepsOfB[k]])
                }
                sum += chain
              }
              result[place] = accumulator.map { $0[place] + sum } ?? sum
            }
          }
        }
      }
    }
    return result
  }
}

enum Accumulation: CaseIterable { case none, separate, inPlace }

@Suite struct ContractionTests {
  /// Runs every share, each in the scratch of the worker that owns it, and checks the result to the bit, the scratch to the byte.
  static func check(
    _ extents: [Int], seed: UInt64, workers: Int64, shares chosen: Int64? = nil, accumulation: Accumulation,
    isInPanels: Bool = false, isAlongSums: Bool = false
  ) -> String? {
    var random = CounterRandom(seed: seed)
    var one = ContractionCase(extents: extents, using: &random)
    if isInPanels { one = one.withRightInPanels() }
    if isAlongSums { one = one.withColumnsAlongSums() }
    let a = random.values(one.sizes[0]), b = random.values(one.sizes[1])
    let other = random.values(one.sizes[2]), start = random.values(one.sizes[2])
    var contraction = one.description
    let shares = chosen ?? max(workers, recurve_contraction_part_count(&contraction, workers))
    let bytes = Int(recurve_contraction_scratch_byte_count(&contraction, workers, shares))
    var wasLastByteWritten = bytes == 0
    var result = start
    // Two sentinels, because a written byte may equal one.
    for sentinel: UInt8 in [0x5a, 0xa5] {
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes + 128, alignment: 64)
      defer { memory.deallocate() }
      memory.initializeMemory(as: UInt8.self, repeating: sentinel)
      guard let scratch = memory.baseAddress?.advanced(by: 64).assumingMemoryBound(to: CChar.self) else { continue }
      result = start
      result.withUnsafeMutableBufferPointer { result in
        other.withUnsafeBufferPointer { other in
          guard let target = result.baseAddress else { return }
          for index in (0..<shares).reversed() {
            let accumulator: UnsafePointer<Float>? =
              switch accumulation {
              case .none: nil
              case .separate: other.baseAddress
              case .inPlace: UnsafePointer(result.baseAddress)
              }
            let owner = (0..<workers).last { $0 * shares / workers <= index } ?? 0
            var share = recurve_share(index: index, count: shares, worker: owner, workers: workers)
            recurve_contract_f32(&contraction, a, b, accumulator, target, scratch, &share)
          }
        }
      }
      if memory.prefix(64).contains(where: { $0 != sentinel }) || memory.suffix(64).contains(where: { $0 != sentinel })
      {
        return "\(extents), seed \(seed): wrote outside \(bytes) bytes of scratch"
      }
      if bytes > 0, memory[64 + bytes - 1] != sentinel { wasLastByteWritten = true }
    }
    if !wasLastByteWritten {
      return "\(extents), seed \(seed), \(workers) workers, \(shares) shares: the last of \(bytes) bytes is not used"
    }
    let expected = one.expected(a, b, accumulation == .none ? nil : accumulation == .separate ? other : start, start)
    let wrong = zip(result, expected).filter { $0.bitPattern != $1.bitPattern }.count
    if wrong == 0 { return nil }
    return "\(extents), seed \(seed), \(workers) workers, \(shares) shares, \(accumulation): \(wrong) wrong elements"
  }

  @Test func randomContractionsAreTheChainToTheBit() {
    var random = CounterRandom(seed: 7)
    for seed in 0..<150 as Range<UInt64> {
      let most = [
        [3, 5, 60, 50], [2, 40, 40, 60], [2, 60, 5, 50], [4, 50, 70, 20], [1, 12, 33, 90], [40, 9, 9, 9],
      ].randomElement(using: &random)!
      let extents = most.map { Int.random(in: 1...$0, using: &random) }
      let accumulation = Accumulation.allCases.randomElement(using: &random)!
      let workers = Int64.random(in: 1...3, using: &random)
      let failure = Self.check(
        extents, seed: seed, workers: workers, shares: Int64.random(in: workers...4 * workers, using: &random),
        accumulation: accumulation)
      #expect(failure == nil, "\(failure ?? "")")
    }
  }

  /// Shapes at the borders of tiles and blocks; the long ones add several chains.
  @Test(arguments: [
    [1, 12, 32, 16], [1, 13, 33, 17], [1, 24, 64, 40], [1, 25, 31, 40], [1, 81, 17, 33], [1, 3, 100, 200],
    [1, 4, 96, 100],
    [1, 1, 1, 1], [1, 1, 70, 300], [1, 70, 1, 300], [2, 30, 30, 1], [1, 30, 30, 0], [1, 26, 20, 2_100],
    [1, 20, 300, 1_100],
    [3, 0, 5, 4], [1, 300, 40, 70], [7, 30, 34, 3],
  ]) func bordersAreTheChainToTheBit(_ extents: [Int]) {
    for (index, accumulation) in Accumulation.allCases.enumerated() {
      let failure = Self.check(extents, seed: UInt64(index), workers: Int64(index) + 1, accumulation: accumulation)
      #expect(failure == nil, "\(failure ?? "")")
    }
  }

  @Test(arguments: [1, 2, 3, 7, 13, 30]) func rightOperandsInPanelsAreReadWhereTheyAre(_ rows: Int) {
    for (columns, depth) in [(32, 1), (64, 2), (128, 2), (96, 40), (160, 300)] {
      for (index, accumulation) in Accumulation.allCases.enumerated() {
        let failure = Self.check(
          [1 + index, rows, columns, depth], seed: 5, workers: Int64(index) + 1, accumulation: accumulation,
          isInPanels: true)
        #expect(failure == nil, "\(failure ?? "")")
      }
    }
  }

  /// A vector times such columns packs nothing; so does a vector times rows.
  @Test(arguments: [32, 33, 70]) func vectorsTimesColumnsAreTheChainToTheBit(_ columns: Int) {
    for depth in [0, 1, 7, 8, 257, 520] {
      for (index, accumulation) in Accumulation.allCases.enumerated() {
        for rows in [1, 2] {
          let failure = Self.check(
            [1 + 2 * index, rows, columns, depth], seed: 5, workers: Int64(index) + 1, accumulation: accumulation,
            isAlongSums: true)
          #expect(failure == nil, "\(failure ?? "")")
        }
      }
    }
  }

  @Test func moreWorkersThanWork() {
    for workers: Int64 in [4, 9, 64] {
      let failure = Self.check([1, 30, 40, 50], seed: 3, workers: workers, accumulation: .inPlace)
      #expect(failure == nil, "\(failure ?? "")")
    }
  }

  /// A share that packs what others pack too would cost more than it gains.
  @Test func productsThatPackNothingTwiceHaveManyParts() {
    func count(_ contraction: recurve_contraction) -> Int64 {
      var contraction = contraction
      return recurve_contraction_part_count(&contraction, 2)
    }
    #expect(count(Self.product(1000, 1024, 256, rows: (256, 1))) == 8)
    #expect(count(Self.product(256, 1024, 1000, rows: (1, 256))) == 2)
    #expect(count(Self.product(81, 81, 64, batch: 32, rows: (64, 1))) == 32)
    #expect(count(Self.product(8, 8, 8, rows: (8, 1))) == 2)
  }

  /// A last panel of eight rows, which no register tile fits, is one worker's: no scratch is planned for it.
  @Test func lastPanelsOfRowsInPlaceNeedNoScratch() {
    var few = Self.product(20, 64, 64, rows: (64, 1)), many = Self.product(776, 64, 64, rows: (64, 1))
    #expect(recurve_contraction_scratch_byte_count(&few, 2, 2) == 0)
    #expect(recurve_goes_by_rows(&many) == 1 && recurve_rows_scratch_byte_count(&many) == 0)
    // The sums of two panels of columns between the chains.
    var long = Self.product(776, 64, 300, rows: (300, 1))
    #expect(recurve_rows_scratch_byte_count(&long) == 2 * 12 * 32 * 4)
  }

  private static func product(
    _ m: Int64, _ n: Int64, _ k: Int64, batch: Int64 = 1, rows: (m: Int64, k: Int64)
  ) -> recurve_contraction {
    var contraction = recurve_contraction()
    let axes = [
      (RECURVE_BATCH_AXIS, recurve_axis(extent: batch, a_stride: m * k, b_stride: k * n, result_stride: m * n)),
      (RECURVE_M_AXIS, recurve_axis(extent: m, a_stride: rows.m, b_stride: 0, result_stride: n)),
      (RECURVE_N_AXIS, recurve_axis(extent: n, a_stride: 0, b_stride: 1, result_stride: 1)),
      (RECURVE_K_AXIS, recurve_axis(extent: k, a_stride: rows.k, b_stride: n, result_stride: 0)),
    ]
    for (kind, axis) in axes { _ = recurve_add_axis(&contraction, kind, axis) }
    return contraction
  }

  @Test func aSumOfNegativeZerosStaysNegative() {
    var contraction = recurve_contraction()
    _ = recurve_add_axis(
      &contraction, RECURVE_K_AXIS, recurve_axis(extent: 2, a_stride: 1, b_stride: 1, result_stride: 0))
    var result: Float = 1, scratch: CChar = 0, whole = recurve_share(index: 0, count: 1, worker: 0, workers: 1)
    recurve_contract_f32(&contraction, [0, 0], [-1, -1], nil, &result, &scratch, &whole)
    #expect(result == 0 && result.sign == .minus)
  }

  @Test func doublesAreTheChainToTheBit() {
    for seed in 0..<30 as Range<UInt64> {
      var random = CounterRandom(seed: seed)
      let extents = [3, 9, 9, 20].map { Int.random(in: 1...$0, using: &random) }
      let one = ContractionCase(extents: extents, using: &random)
      let a = random.values(one.sizes[0]).map(Double.init), b = random.values(one.sizes[1]).map(Double.init)
      let accumulator = random.values(one.sizes[2]).map(Double.init)
      var contraction = one.description, result = accumulator, scratch: CChar = 0
      for index in 0..<3 as Range<Int64> {
        var share = recurve_share(index: index, count: 3, worker: index % 2, workers: 2)
        recurve_contract_f64(&contraction, a, b, accumulator, &result, &scratch, &share)
      }
      #expect(result == one.expected(a, b, accumulator, accumulator), "\(extents), seed \(seed)")
    }
  }
}
