import MemoryPlanning
import Testing

struct TableTests {
  @Test func alignsColumns() {
    let problem = MemoryProblem(buffers: [
      Buffer(id: 0, byteCount: 1_000, intervals: [0..<12], name: "query"),
      Buffer(id: 1, byteCount: 64, intervals: [3..<4, 10..<11], name: "key"),
      Buffer(id: 2, byteCount: 60, intervals: [4..<9], name: "value"),
    ])
    let plan = MemoryPlan(offsets: [0, 1024, 1088], for: problem, method: "test")
    #expect(
      plan.table(problem) == """
        offset  bytes  from  until  buffer
             0   1000     0     12  query
          1024     64     3      4  key
          1024     64    10     11  key
          1088     60     4      9  value
        arena 1,148 bytes, lower bound 1,064, 92 %
        """)
  }

  @Test func emptyPlanIsOptimal() {
    let problem = MemoryProblem(buffers: [])
    #expect(MemoryPlanner().plan(problem).summary == "arena 0 bytes, lower bound 0, 100 %")
  }
}
