// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Guide",
  dependencies: [
    // Of a package elsewhere: .package(url: "https://.../recurve", branch: "main").
    .package(name: "Recurve", path: "..")
  ],
  targets: [
    .executableTarget(
      name: "majority",
      dependencies: [
        .product(name: "Recurve", package: "Recurve"), .product(name: "RecurveCommands", package: "Recurve"),
      ])
  ], swiftLanguageModes: [.v6])
