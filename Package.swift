// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Recurve",
  products: [
    .library(name: "Recurve", targets: ["Recurve"]),
    .library(name: "RecurveCommands", targets: ["RecurveCommands"]),
    .executable(name: "recurve", targets: ["recurve"]),
  ],
  dependencies: [.package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")],
  targets: [
    .target(name: "TensorTypes"),
    .target(name: "MemoryPlanning"),
    .target(name: "Puzzles"),
    .target(name: "GraphIR", dependencies: ["TensorTypes"]),
    .target(name: "KernelIR", dependencies: ["TensorTypes"]),
    .target(name: "CKernelSupport", linkerSettings: [.linkedLibrary("m")]),
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
    .systemLibrary(name: "CGraphviz", pkgConfig: "libgvc", providers: [.apt(["libgraphviz-dev"])]),
    .target(name: "Diagrams", dependencies: ["CGraphviz", "GraphIR", "TensorTypes"]),
    .target(name: "Training", dependencies: ["TensorTypes", "Operators", "Modeling"]),
    .target(
      name: "Comparison",
      dependencies: [
        "TensorTypes", "GraphIR", "Operators", "Modeling", "Differentiation", "Scheduling", "Compilation", "Training",
      ]),
    .target(
      name: "RecurveCommands",
      dependencies: [
        "TensorTypes", "GraphIR", "Operators", "MemoryPlanning", "Modeling", "Differentiation", "Scheduling",
        "CodeGeneration", "Execution", "Compilation", "Diagrams", "Training", "Comparison",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(
      name: "Recurve",
      dependencies: [
        "TensorTypes", "GraphIR", "Operators", "Modeling", "Differentiation", "Execution", "Compilation",
      ]),
    .target(name: "TinyRecursion", dependencies: ["Recurve", "Training"], path: "Graphs/TinyRecursion"),
    .executableTarget(name: "recurve", dependencies: ["RecurveCommands", "TinyRecursion"], path: "Tools/recurve"),
    .target(
      name: "TestSupport",
      dependencies: ["TensorTypes", "GraphIR", "Operators", "ReferenceEvaluation", "Differentiation", "Modeling"]),
    .testTarget(
      name: "OperatorsTests",
      dependencies: ["TestSupport", "Compilation", "ReferenceEvaluation", "Operators", "Transforms"]),
    .testTarget(
      name: "CompilationTests",
      dependencies: [
        "TestSupport", "Compilation", "Differentiation", "ReferenceEvaluation", "Operators", "Transforms",
      ]),
  ], swiftLanguageModes: [.v6])
