import Recurve
import Foundation
import TinyRecursion

var sizes = TinyRecursion.Sizes.nano
sizes.cycles = Int(CommandLine.arguments.dropFirst().first ?? "3") ?? 3
for mode: GradientMode in [.full, .last(1), .checkpointed(every: 1), .revolve(slots: 3)] {
  let traced = try TinyRecursion(sizes, gradient: mode).traced(name: "tiny-recursion")
  var differentiated = try traced.graph.differentiated()
  for (index, gradient) in differentiated.gradients.enumerated() {
    differentiated.graph.addResult(gradient, name: "gradient\(index)")
  }
  let start = Date()
  let plan = Compiler.plan(differentiated.graph)
  let planned = Date()
  print(mode, "plan \(planned.timeIntervalSince(start)) s", plan.memory.summary, "functions", plan.schedule.functions.count, "steps", plan.schedule.stepCount)
  let program = try Compiler.compile(differentiated.graph)
  print("compile", Date().timeIntervalSince(planned))
  for (name, tensor) in traced.initialWeights(seed: 1) { try program.set(name, tensor) }
  try program.set("fresh", HostTensor(Shape([sizes.batch]), .bool(Array(repeating: true, count: sizes.batch))))
  var random = CounterRandom(seed: 5)
  let tokens = (0..<(sizes.batch * sizes.cells)).map { _ in Int32(random.next() % 4) + 2 }
  try program.set("tokens", HostTensor(Shape([sizes.batch, sizes.cells]), tokens))
  try program.set("labels", HostTensor(Shape([sizes.batch, sizes.cells]), tokens))
  let measured = program.measureTouchedByteCount() ?? 0
  program.run()
  let clock = Date()
  for _ in 0..<3 { program.run() }
  print("loss", program.result(at: 0).floats, "seconds", Date().timeIntervalSince(clock) / 3, "measured", measured, "planned", plan.memory.arenaByteCount)
}
