// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Recurve",
  targets: [
    .target(name: "TensorTypes"),
    .target(name: "MemoryPlanning"),
    .target(name: "Puzzles"),
    .target(name: "GraphIR", dependencies: ["TensorTypes"]),
    .target(name: "KernelIR", dependencies: ["TensorTypes"]),
    .target(name: "CKernelSupport"),
    .target(name: "Operators", dependencies: ["TensorTypes", "GraphIR", "KernelIR", "CKernelSupport"]),
    .target(name: "ReferenceEvaluation", dependencies: ["TensorTypes", "GraphIR", "Operators"]),
    .target(name: "Modeling", dependencies: ["TensorTypes", "GraphIR", "Operators"]),
    .target(name: "Differentiation", dependencies: ["TensorTypes", "GraphIR", "Operators"]),
    .target(name: "Transforms", dependencies: ["TensorTypes", "GraphIR", "Operators"]),
    .target(
      name: "Scheduling",
      dependencies: ["TensorTypes", "GraphIR", "KernelIR", "Operators", "MemoryPlanning", "CKernelSupport"]),
    .target(name: "CodeGeneration", dependencies: ["TensorTypes", "KernelIR", "CKernelSupport"]),
    .target(name: "Execution", dependencies: ["TensorTypes", "CKernelSupport"]),
    .target(
      name: "Compilation",
      dependencies: [
        "TensorTypes", "GraphIR", "Operators", "MemoryPlanning", "ReferenceEvaluation", "Transforms", "Scheduling",
        "CodeGeneration", "Execution",
      ]),
    .target(
      name: "Recurve",
      dependencies: [
        "TensorTypes", "GraphIR", "Operators", "Modeling", "Differentiation", "Execution", "Compilation",
      ]),
    .target(name: "TinyRecursion", dependencies: ["Recurve"], path: "Graphs/TinyRecursion"),
    .executableTarget(name: "recurve", dependencies: ["Recurve", "TinyRecursion"], path: "Tools/recurve"),
    .target(
      name: "TestSupport",
      dependencies: ["TensorTypes", "GraphIR", "Operators", "ReferenceEvaluation", "Differentiation", "Modeling"]),
    .testTarget(
      name: "OperatorsTests",
      dependencies: ["TestSupport", "Compilation", "ReferenceEvaluation", "Operators", "Transforms"]),
  ], swiftLanguageModes: [.v6])
