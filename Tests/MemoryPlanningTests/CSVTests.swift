import MemoryPlanning
import Testing

struct CSVTests {
  @Test func readsMinimallocFormat() throws {
    let problem = try MemoryProblem(
      csv: "id,lower,upper,size\nb1,0,3,4\nb2,3,9,4\n\nb3,0,9,4\n", alignment: 1)
    #expect(problem.buffers.map(\.name) == ["b1", "b2", "b3"])
    #expect(problem.buffers[1] == Buffer(id: 1, byteCount: 4, intervals: [3..<9], name: "b2"))
    #expect(problem.lowerBoundByteCount == 8)
    #expect(MemoryPlanner().plan(problem).arenaByteCount == 8)
  }

  @Test func readsGapsInAnyColumnOrder() throws {
    let problem = try MemoryProblem(csv: "size,gaps,id,upper,lower\r\n64,4-6 9-11,7,20,2\r\n64,,8,3,-2\r\n")
    #expect(problem.buffers[0] == Buffer(id: 7, byteCount: 64, intervals: [2..<4, 6..<9, 11..<20]))
    #expect(problem.buffers[1].intervals == [-2..<3])
  }

  @Test func writesOnlyNeededColumns() {
    var problem = MemoryProblem(buffers: [Buffer(id: 3, byteCount: 64, intervals: [0..<2])])
    #expect(problem.csv == "id,lower,upper,size\n3,0,2,64\n")
    problem.buffers[0].intervals.append(5..<7)
    problem.buffers[0].name = "key, \"value\""
    #expect(problem.csv == "id,lower,upper,size,gaps,name\n3,0,7,64,2-5,\"key, \"\"value\"\"\"\n")
    let plan = MemoryPlanner().plan(problem)
    #expect(plan.csv(for: problem).hasSuffix(",2-5,\"key, \"\"value\"\"\",0\n"))
  }

  @Test func survivesRoundTrip() throws {
    for seed in 0..<20 {
      var problem = MemoryProblem.random(
        count: 12, positions: 20, largestByteCount: 999, alignment: 64, seed: UInt64(seed))
      if seed % 2 == 0 { problem.buffers[4].name = "a, \"b\"" }
      let plan = MemoryPlanner(searchNodeLimit: 10).plan(problem)
      #expect(try MemoryProblem(csv: problem.csv) == problem)
      let read = try MemoryPlan(csv: plan.csv(for: problem), for: problem)
      #expect(read.offsets == plan.offsets)
      #expect(read.validate(against: problem) == [])
    }
  }

  @Test(arguments: [
    ("", "line 1: column names are needed, found an empty text"),
    ("id,lower,upper\n", "line 1: column size is needed, found id,lower,upper"),
    ("id,lower,upper,size\n1,2,3\n", "line 2: 4 fields are needed, found 3"),
    ("id,lower,upper,size\n\n1,2,x,4\n", "line 3: upper must be a whole number, found \"x\""),
    ("id,lower,upper,size\n1,2,3,-4\n", "line 2: size must not be negative, found -4"),
    (
      "id,lower,upper,size\n1,2,3,9223372036854775807\n",
      "line 2: size must be at most 1152921504606846976, found 9223372036854775807"
    ),
    (
      "id,lower,upper,size\n1,2,3,1152921504606846000\n2,2,3,4000\n",
      "line 3: sizes must add up to at most 1152921504606846976 bytes, found more"
    ),
    ("id,lower,upper,size\n1,5,5,4\n", "line 2: upper must be larger than lower, found 5 and 5"),
    (
      "id,lower,upper,size\n1,2,3,4\n1,2,3,4\n",
      "line 3: every id must be unique, found 1 on line 2 too"
    ),
    ("id,lower,upper,size,gaps\n1,2,9,4,5-\n", "line 2: gap must be written as start-end, found \"5-\""),
    (
      "id,lower,upper,size,gaps\n1,2,9,4,3-5 5-6\n",
      "line 2: gap must lie between positions 5 and 9 and touch neither, found 5-6"
    ),
  ])
  func quotesWhatIsWrong(csv: String, message: String) {
    let error = #expect(throws: CSVError.self) { try MemoryProblem(csv: csv) }
    #expect(error?.description == message)
  }

  /// `1`, `01` and `+1` are one number and three buffers.
  @Test func numbersWrittenInOtherWaysAreNames() throws {
    let problem = try MemoryProblem(csv: "id,lower,upper,size\n1,0,3,4\n01,0,3,4\n+1,0,3,4\n")
    #expect(problem.buffers.map(\.id) == [0, 1, 2] && problem.buffers.map(\.name) == ["1", "01", "+1"])
    let plan = try MemoryPlan(csv: "id,offset\n1,0\n01,64\n+1,128\n", for: problem)
    #expect(plan.offsets == [0, 64, 128])
    #expect(try MemoryPlan(csv: plan.csv(for: problem), for: problem).offsets == plan.offsets)
  }

  @Test func planNeedsEveryBuffer() throws {
    let problem = try MemoryProblem(csv: "id,lower,upper,size\n1,0,3,4\nquery,0,3,4\n")
    let error = #expect(throws: CSVError.self) {
      try MemoryPlan(csv: "id,offset\n1,64\n", for: problem)
    }
    #expect(error?.description == "line 3: a row for buffer query is needed, found the end of the text")
    #expect(problem.buffers.map(\.id) == [0, 1])
    let plan = try MemoryPlan(csv: "id,offset\n1,64\nquery,0\n", for: problem)
    #expect(plan.offsets == [64, 0])
    #expect(plan.arenaByteCount == 68)
  }
}
