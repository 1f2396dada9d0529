import ArgumentParser

/// One thing that every system is asked to run.
struct Configuration: Hashable, Codable {
  var workload: String
  var size = "-"
  var variant = "-"
  var mode = "-"
  var depth = 0

  var title: String {
    workload == "w1" ? "w1 \(size) \(variant) \(mode)" + (depth == 3 ? "" : " T=\(depth)") : workload
  }

  /// What our own program is told.
  var arguments: [String] {
    guard workload == "w1" else { return [workload] }
    return [workload, "--size", size, "--variant", variant, "--mode", mode, "--depth", "\(depth)"]
  }

  /// What the peers' runner is told after the system's name.
  var peerArguments: [String] { [workload, size, variant, mode] + (workload == "w1" ? ["\(depth)"] : []) }

  /// The key of the trajectory in the file of expected losses.
  var trajectory: String { workload == "w1" ? "w1/\(size)/\(variant)/\(mode)/T\(depth)" : workload }

  /// The times that are compared: the figure's key, and what it is called.
  var times: [(key: String, title: String)] {
    switch workload {
    case "w2": ["sync", "async", "fused"].map { ("\($0)_seconds", "w2 \($0)") }
    case "w4": MemoryBoundKernel.allCases.map { ("\($0.rawValue).step_seconds", "w4 \($0.rawValue)") }
    default: [("step_seconds", title)]
    }
  }

  /// Systems of the peers that are worth their time, fastest first as measured on two Zen 5 cores.
  var usualPeers: [String] {
    switch workload {
    case "w2": ["jax-unroll", "tf-xla", "torch"]
    case "w3": ["torch-compile", "torch", "tf-xla", "jax-unroll"]
    case "w4": ["torch-compile", "jax-unroll", "tf-xla", "torch"]
    default: ["torch-compile", "torch-compile-net", "torch", "jax-unroll", "jax-scan"]
    }
  }

  /// Our own ways to compute products; W4 has none to compute.
  var providers: [String] { workload == "w4" ? ["generated"] : ["generated", "openblas"] }
}
