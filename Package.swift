// swift-tools-version: 6.2
import PackageDescription

// Lowest layer first; arrows point up this page only, and a test holds that.
let package = Package(
  name: "Recurve",
  products: [
    .library(name: "Recurve", targets: ["Recurve"]),
    .library(name: "RecurveCommands", targets: ["RecurveCommands"]),
    .executable(name: "recurve", targets: ["recurve"]),
    .executable(name: "recurve-benchmark", targets: ["recurve-benchmark"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.30.0"),
  ],
  targets: [
    // Standard output and standard error, which may fail; texts quoted for whoever reads them; what the system says.
    .target(name: "StandardStreams", path: "Sources/Basics/StandardStreams"),
    // Element types, shapes, tensor types, host tensors; random numbers and hashes.
    .target(name: "TensorTypes", path: "Sources/Basics/TensorTypes"),
    // Buffers with liveness intervals in, arena offsets out; knows no graph.
    .target(name: "MemoryPlanning", path: "Sources/Compiler/MemoryPlanning"),
    // Whole files, written so that nothing is lost.
    .target(name: "Files", dependencies: ["StandardStreams"], path: "Sources/Basics/Files"),
    // Sudoku: generator, solver, files, batches.
    .target(name: "Puzzles", dependencies: ["Files", "TensorTypes"], path: "Graphs/Puzzles"),
    // Math, contraction, workers and arena in C; the texts that generated kernels contain.
    .target(name: "CKernelSupport", path: "Sources/Runtime/CKernelSupport", linkerSettings: [.linkedLibrary("m")]),
    // The graph as plain data: build, verify, print, parse, rewrite.
    .target(name: "GraphIR", dependencies: ["TensorTypes"], path: "Sources/Language/GraphIR"),
    // What is generated and run as plain data: loop nests, products, steps and places, and the target they suit.
    .target(name: "KernelIR", dependencies: ["TensorTypes"], path: "Sources/Compiler/KernelIR"),
    // One file per operator: type, gradient, evaluation, lowering.
    .target(
      name: "Operators", dependencies: ["TensorTypes", "GraphIR", "KernelIR", "CKernelSupport"],
      path: "Sources/Language/Operators"),
    // Runs any graph with the operators' own evaluation: the oracle.
    .target(
      name: "ReferenceEvaluation", dependencies: ["TensorTypes", "GraphIR", "Operators"],
      path: "Sources/Language/ReferenceEvaluation"),
    // The DSL: symbolic tensors, recursion, layers.
    .target(
      name: "Modeling", dependencies: ["TensorTypes", "GraphIR", "Operators"], path: "Sources/Language/Modeling"),
    // Graph -> graph with gradients; gradient modes.
    .target(
      name: "Differentiation", dependencies: ["TensorTypes", "GraphIR", "Operators"],
      path: "Sources/Language/Differentiation"),
    // The passes, each graph -> graph, and the pipelines.
    .target(
      name: "Transforms", dependencies: ["TensorTypes", "GraphIR", "Operators"], path: "Sources/Compiler/Transforms"),
    // Graph -> kernels, order, liveness, places.
    .target(
      name: "Scheduling",
      dependencies: ["TensorTypes", "GraphIR", "KernelIR", "Operators", "MemoryPlanning"],
      path: "Sources/Compiler/Scheduling"),
    // Kernels -> C -> cached shared objects; never sees a graph.
    .target(
      name: "CodeGeneration", dependencies: ["StandardStreams", "TensorTypes", "KernelIR", "CKernelSupport"],
      path: "Sources/Compiler/CodeGeneration"),
    // Runs a program in its arenas; the only hot module.
    .target(
      name: "Execution", dependencies: ["StandardStreams", "TensorTypes", "KernelIR", "CKernelSupport"],
      path: "Sources/Runtime/Execution"),
    // Graphs as text for other engines.
    .target(
      name: "StableHLO", dependencies: ["TensorTypes", "GraphIR", "Operators"], path: "Sources/Compiler/StableHLO"),
    // The driver.
    .target(
      name: "Compilation",
      dependencies: [
        "StandardStreams", "TensorTypes", "GraphIR", "KernelIR", "Operators", "MemoryPlanning", "ReferenceEvaluation",
        "Transforms",
        "Scheduling", "CodeGeneration", "Execution",
      ], path: "Sources/Compiler/Compilation"),
    // Functions of PJRT's interface by their places, arguments by their layouts.
    .target(name: "CPJRT", path: "Sources/Runtime/CPJRT"),
    // Programs on plugins that compile StableHLO, such as XLA.
    .target(
      name: "PJRT", dependencies: ["CPJRT", "StandardStreams", "TensorTypes", "StableHLO", "Execution", "Compilation"],
      path: "Sources/Runtime/PJRT"),
    // Graphviz in process.
    .systemLibrary(
      name: "CGraphviz", path: "Sources/Looking/CGraphviz", pkgConfig: "libgvc", providers: [.apt(["libgraphviz-dev"])]),
    // Graphs, schedules and plans as pictures.
    .target(
      name: "Diagrams", dependencies: ["CGraphviz", "StandardStreams", "Files", "GraphIR", "Reports", "TensorTypes"],
      path: "Sources/Looking/Diagrams"),
    // Charts, text tables, tools that draw.
    .target(name: "Reports", dependencies: ["StandardStreams", "Files"], path: "Sources/Looking/Reports"),
    // Safetensors.
    .target(name: "Interchange", dependencies: ["Files", "TensorTypes"], path: "Sources/Basics/Interchange"),
    // Event files of TensorBoard.
    .target(
      name: "EventFiles",
      dependencies: ["StandardStreams", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      path: "Sources/Basics/EventFiles",
      exclude: ["Event.proto"]),
    // Optimizers as graph operations, model families, the training loop.
    .target(
      name: "Training",
      dependencies: [
        "Files", "StandardStreams", "TensorTypes", "GraphIR", "Operators", "Modeling", "Differentiation", "Execution",
        "Compilation", "Interchange", "Reports",
      ], path: "Sources/Training/Training"),
    // Vocabularies, sequences of tokens, decoding.
    .target(
      name: "Text", dependencies: ["Files", "Compilation", "Modeling", "TensorTypes", "Training"],
      path: "Sources/Training/Text"),
    // Questions with measured answers: seeds, medians, checks, reports.
    .target(
      name: "Experiments", dependencies: ["StandardStreams", "Compilation", "Diagrams", "Reports", "Training"],
      path: "Sources/Training/Experiments"),
    // Gradient modes side by side.
    .target(
      name: "Comparison",
      dependencies: [
        "TensorTypes", "GraphIR", "Operators", "Modeling", "Differentiation", "Scheduling", "Compilation", "Reports",
        "Training",
      ], path: "Sources/Looking/Comparison"),
    // Time per kernel against the machine's ceilings.
    .target(
      name: "Profiling",
      dependencies: [
        "StandardStreams", "TensorTypes", "GraphIR", "Operators", "Scheduling", "Compilation", "Comparison", "Reports",
      ], path: "Sources/Looking/Profiling"),
    // The command line, for the models of any package.
    .target(
      name: "RecurveCommands",
      dependencies: [
        "Files", "StandardStreams", "TensorTypes", "GraphIR", "Operators", "MemoryPlanning", "Modeling",
        "Differentiation", "Scheduling", "CodeGeneration", "StableHLO", "Transforms", "Execution", "Compilation",
        "PJRT",
        "Diagrams",
        "Interchange",
        "EventFiles", "Training", "Comparison",
        "Profiling", "Reports", "Experiments", "Text",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Sources/Commands/RecurveCommands"),
    // What users import.
    .target(
      name: "Recurve",
      dependencies: [
        "TensorTypes", "GraphIR", "Operators", "Modeling", "Differentiation", "Execution", "Compilation", "Training",
        "Text", "Reports", "Experiments", "Diagrams",
      ]),

    // Models, each with what the compiler makes of it beside its Swift files.
    .target(
      name: "TinyRecursion",
      dependencies: [
        "Recurve", "RecurveCommands", "Puzzles", "Interchange",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Graphs/TinyRecursion",
      exclude: ["Compiled", "Pictures", "README.md"], resources: [.copy("Weights")]),

    .target(
      name: "LearningPath", dependencies: ["Recurve", "Puzzles", "TinyRecursion"], path: "Graphs/LearningPath",
      exclude: ["README.md", "Pictures"]),

    .target(
      name: "WordVectors",
      dependencies: [
        "Recurve", "RecurveCommands", "Interchange", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Graphs/WordVectors", exclude: ["Compiled", "Pictures", "README.md", "GRADIENTS.md"]),

    .target(
      name: "SudokuByMoves",
      dependencies: [
        "Recurve", "RecurveCommands", "Puzzles", "EncoderTransformer", "TinyRecursion",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Graphs/SudokuByMoves", exclude: ["Compiled", "Pictures", "README.md"]),

    // A transformer's layer that looks both ways, for the systems that are made of it.
    .target(name: "EncoderTransformer", dependencies: ["Recurve"], path: "Graphs/EncoderTransformer"),
    .target(
      name: "MaskedLanguageModel",
      dependencies: [
        "Recurve", "RecurveCommands", "Interchange", "EncoderTransformer",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Graphs/MaskedLanguageModel", exclude: ["Compiled", "Pictures", "README.md"]),

    // A transformer that continues sequences of tokens, for the systems that train it.
    .target(name: "DecoderTransformer", dependencies: ["Recurve"], path: "Graphs/DecoderTransformer"),
    .target(
      name: "ArithmeticGPT",
      dependencies: [
        "Recurve", "RecurveCommands", "DecoderTransformer",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Graphs/ArithmeticGPT", exclude: ["Pictures", "README.md"]),

    .target(
      name: "CharacterGPT", dependencies: ["Recurve", "DecoderTransformer"], path: "Graphs/CharacterGPT",
      exclude: ["Pictures", "README.md"]),

    .executableTarget(
      name: "recurve",
      dependencies: [
        "RecurveCommands", "TinyRecursion", "LearningPath", "WordVectors", "SudokuByMoves", "ArithmeticGPT",
        "CharacterGPT", "MaskedLanguageModel",
      ], path: "Tools/recurve"),
    .executableTarget(
      name: "recurve-benchmark",
      dependencies: [
        "StandardStreams", "Recurve", "Interchange", "CodeGeneration", "Profiling", "DecoderTransformer",
        .product(name: "ArgumentParser", package: "swift-argument-parser"), "GraphIR", "Operators", "Reports",
      ], path: "Tools/benchmark", exclude: ["results.svg"]),
    // Problems of models and their lines, in release builds: run by Tools/check.
    .executableTarget(name: "lines", dependencies: ["StandardStreams", "Modeling"], path: "Tools/lines"),

    // What tests share.
    .target(
      name: "TestSupport",
      dependencies: ["TensorTypes", "GraphIR", "Operators", "ReferenceEvaluation", "Modeling", "Differentiation"],
      path: "Tests/TestSupport"),
    // Random programs against the reference evaluation, broken files, sanitizers.
    .target(
      name: "Fuzzing",
      dependencies: [
        "StandardStreams", "TensorTypes", "GraphIR", "KernelIR", "Operators", "MemoryPlanning", "ReferenceEvaluation",
        "Differentiation", "Transforms", "Scheduling", "CodeGeneration", "Compilation", "Diagrams", "Interchange",
        "EventFiles", "Modeling", "Training", "Experiments", "Puzzles", "TinyRecursion", "TestSupport", "StableHLO",
      ], path: "Tools/fuzzing/Fuzzing", exclude: ["Drivers"]),
    .executableTarget(
      name: "recurve-fuzz",
      dependencies: [
        "StandardStreams", "Fuzzing", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tools/fuzzing/Command"),
    .testTarget(name: "LayeringTests"),
    .testTarget(name: "MemoryPlanningTests", dependencies: ["MemoryPlanning", "TensorTypes"]),
    .testTarget(name: "PuzzlesTests", dependencies: ["Puzzles", "TensorTypes", "TestSupport"]),
    .testTarget(name: "CKernelSupportTests", dependencies: ["CKernelSupport", "TensorTypes", "TestSupport"]),
    .testTarget(
      name: "ExecutionTests", dependencies: ["Execution", "KernelIR", "CKernelSupport", "TensorTypes", "TestSupport"]),
    .testTarget(name: "GraphIRTests", dependencies: ["TensorTypes", "GraphIR", "Operators"]),
    .testTarget(
      name: "SchedulingTests", dependencies: ["Scheduling", "GraphIR", "KernelIR", "Operators", "TensorTypes"]),
    .testTarget(
      name: "OperatorsTests",
      dependencies: [
        "TestSupport", "Compilation", "ReferenceEvaluation", "Operators", "Transforms", "Differentiation", "GraphIR",
        "TensorTypes",
      ]),
    .testTarget(
      name: "TransformsTests",
      dependencies: [
        "TestSupport", "Transforms", "ReferenceEvaluation", "Differentiation", "GraphIR", "Operators", "TensorTypes",
      ]),
    .testTarget(
      name: "ModelingTests",
      dependencies: ["TestSupport", "Interchange", "Modeling", "Recurve", "ReferenceEvaluation"],
      exclude: ["Vectors"]),
    .testTarget(name: "TextTests", dependencies: ["Recurve", "DecoderTransformer", "TestSupport"]),
    .testTarget(name: "ArithmeticGPTTests", dependencies: ["ArithmeticGPT", "DecoderTransformer", "Recurve"]),
    .testTarget(
      name: "CharacterGPTTests", dependencies: ["CharacterGPT", "DecoderTransformer", "Recurve", "TestSupport"]),
    .testTarget(
      name: "DifferentiationTests",
      dependencies: [
        "TestSupport", "Recurve", "Differentiation", "GraphIR", "Operators", "ReferenceEvaluation", "TensorTypes",
      ]),
    .testTarget(
      name: "StableHLOTests",
      dependencies: [
        "StableHLO", "Differentiation", "GraphIR", "Modeling", "Operators", "TensorTypes", "TestSupport",
        "TinyRecursion", "Training", "Transforms",
      ]),
    .testTarget(
      name: "PJRTTests",
      dependencies: [
        "PJRT", "TestSupport", "Compilation", "Comparison", "GraphIR", "Operators", "TensorTypes", "Training", "Text",
        "Modeling", "ReferenceEvaluation", "StandardStreams", "TinyRecursion", "LearningPath", "DecoderTransformer",
        "SudokuByMoves",
      ]),
    .testTarget(
      name: "CompilationTests",
      dependencies: [
        "TestSupport", "Compilation", "CodeGeneration", "Differentiation", "ReferenceEvaluation", "Operators",
        "Scheduling", "KernelIR", "MemoryPlanning", "Modeling", "TinyRecursion", "Fuzzing", "Execution", "GraphIR",
        "TensorTypes",
      ]),
    // What must not get in, one file per kind.
    .testTarget(
      name: "ThreatTests",
      dependencies: [
        "StandardStreams", "Files", "Reports", "Diagrams", "GraphIR", "Operators", "TensorTypes", "Compilation",
        "Differentiation", "KernelIR", "TestSupport", "recurve",
      ]),
    .testTarget(
      name: "DiagramsTests", dependencies: ["Diagrams", "Files", "GraphIR", "Reports", "TensorTypes", "TestSupport"]),
    .testTarget(name: "FuzzingTests", dependencies: ["Fuzzing", "TestSupport", "GraphIR", "Operators", "TensorTypes"]),
    .testTarget(name: "InterchangeTests", dependencies: ["Interchange", "TensorTypes", "TestSupport"]),
    .testTarget(name: "EventFilesTests", dependencies: ["EventFiles", "TestSupport"]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Training", "Recurve", "Interchange", "TinyRecursion", "Puzzles", "TestSupport", "recurve", "Compilation",
        "Execution", "GraphIR", "Modeling", "Operators", "ReferenceEvaluation", "TensorTypes",
      ],
      exclude: ["reference"]),
    .testTarget(name: "ExperimentsTests", dependencies: ["Experiments", "Reports", "TestSupport"]),
    .testTarget(name: "LearningPathTests", dependencies: ["LearningPath", "Recurve", "Puzzles", "TestSupport"]),
    .testTarget(
      name: "WordVectorsTests",
      dependencies: ["WordVectors", "Recurve", "ReferenceEvaluation", "TestSupport"]),
    .testTarget(
      name: "MaskedLanguageModelTests",
      dependencies: ["MaskedLanguageModel", "Recurve", "RecurveCommands", "TestSupport"]),
    .testTarget(
      name: "SudokuByMovesTests", dependencies: ["SudokuByMoves", "Recurve", "Puzzles", "TinyRecursion", "TestSupport"]),
    .testTarget(
      name: "ComparisonTests",
      dependencies: ["Comparison", "Differentiation", "Recurve", "TensorTypes", "TinyRecursion"]),
    .testTarget(
      name: "ProfilingTests",
      dependencies: ["Profiling", "Compilation", "Execution", "GraphIR", "Operators", "TensorTypes"]),
    .testTarget(
      name: "BenchmarkTests",
      dependencies: [
        "recurve-benchmark", "Recurve", "KernelIR", "Scheduling", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .testTarget(
      name: "GoldenTests",
      dependencies: [
        "TestSupport", "Recurve", "TinyRecursion", "WordVectors", "MaskedLanguageModel", "SudokuByMoves", "Diagrams",
        "Comparison", "Differentiation",
      ]),
  ], swiftLanguageModes: [.v6])

// Tools/check runs the tests on optimized code; optimizing what they themselves do would take longer than they run.
for target in package.targets where target.type == .test {
  target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-Onone"], .when(configuration: .release))]
}
