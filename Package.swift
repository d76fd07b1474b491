// swift-tools-version: 6.2
import PackageDescription

/// Warnings are errors in continuous integration, so that a newer compiler never stops a user's build.
let strict: [SwiftSetting] = Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)]

let language: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
  ] + strict

/// A module of the project. `untrusted` marks those that read bytes from outside: they build with strict memory safety.
func module(_ name: String, untrusted: Bool = false, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies,
    swiftSettings: language + (untrusted ? [.strictMemorySafety()] : []))
}

/// The tests of a module: `Tests/<module>Tests`.
func tests(_ name: String, resources: Bool = false, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.byName(name: name)] + dependencies,
    resources: resources ? [.copy("Golden")] : [], swiftSettings: language)
}

/// What the arithmetic of the kernels rests on.
let kernelFlags = ["-O3", "-ffp-contract=off", "-fno-math-errno"]

let package = Package(
  name: "tributary",
  products: [
    .library(name: "tributary-c", type: .static, targets: ["CInterface"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    .executableTarget(
      name: "tributary",
      dependencies: [
        "BundleFormat", "CPosix", "Device", "Inference", "JSONFormat", "ModelGraph", "Preprocessing", "Split", "TOMLFormat", "Wire",
      ],
      swiftSettings: language),
    .executableTarget(
      name: "tributary-peer",
      dependencies: [
        "Autograd", "BundleFormat", "Device", "Inference", "ModelGraph", "Models", "Peer", "Split", "Wire",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: language),
    .executableTarget(
      name: "tributary-train",
      dependencies: [
        "Autograd", "BundleFormat", "Compression", "Dataset", "DatasetMaking", "Evaluation", "Inference", "JSONFormat", "ModelEvaluation",
        "ModelGraph", "Models", "ONNXFormat", "Preprocessing", "Pretraining", "Split", "Training",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: language),
    module(
      "Peer",
      [
        "BundleFormat", "CPosix", "Split", "Wire",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    module(
      "ModelEvaluation",
      [
        "Autograd", "BundleFormat", "Compression", "Dataset", "Evaluation", "Inference", "ModelGraph", "Models", "Randomness", "Training",
        "Wire",
      ]),
    module(
      "Pretraining",
      [
        "Autograd", "BundleFormat", "Compression", "Dataset", "Distillation", "Evaluation", "JSONFormat", "ModelGraph", "Models",
        "Preprocessing", "Randomness", "Split", "Training",
      ]),
    module(
      "Distillation",
      ["Autograd", "BundleFormat", "Dataset", "JSONFormat", "ModelEvaluation", "ModelGraph", "Models", "Randomness", "Training"]),
    module("DatasetMaking", ["CFreeType", "CZlib", "Dataset", "JSONFormat", "Preprocessing", "Randomness"]),
    module("Compression", ["Autograd", "BundleFormat", "CZstd", "Evaluation", "JSONFormat", "ModelGraph", "Preprocessing", "Wire"]),
    module(
      "Training",
      [
        "Autograd", "BundleFormat", "Dataset", "Evaluation", "JSONFormat", "Models", "ModelGraph", "Preprocessing", "ProtobufFormat",
        "Randomness", "Wire",
      ]),
    module("Evaluation", ["Autograd", "BundleFormat", "JSONFormat", "Randomness"]),
    module("Autograd", ["BundleFormat", "CFloatKernels", "COpenBLAS", "Inference", "ModelGraph", "Randomness"]),
    module("Dataset", untrusted: true, ["CMath", "CPosix", "JSONFormat", "Preprocessing", "Randomness"]),
    module("Models", untrusted: true, ["BundleFormat", "CPosix", "JSONFormat", "ModelGraph", "TOMLFormat"]),
    module("CInterface", ["BundleFormat", "CTributary", "Device", "Inference", "ModelGraph", "Preprocessing"]),
    module("Device", ["BundleFormat", "CMath", "CPosix", "CTLS", "Inference", "ModelGraph", "Preprocessing", "Split", "Wire"]),
    module("Split", untrusted: true, ["ModelGraph", "TOMLFormat", "Wire"]),
    module("Wire", untrusted: true, ["CCRC32C", "CSHA256", "CZstd"]),
    module("Inference", ["BundleFormat", "CKernels", "CPosix", "ModelGraph"]),
    module("Preprocessing", untrusted: true, ["CMath", "CMedia"]),
    module("BundleFormat", untrusted: true, ["CKernels", "CPosix", "CSHA256", "ModelGraph"]),
    module("ModelGraph"),
    module("ONNXFormat", ["BundleFormat", "CKernels", "ModelGraph", "ProtobufFormat"]),
    module("ProtobufFormat"),
    module("JSONFormat", untrusted: true),
    module("TOMLFormat", untrusted: true),
    module("Randomness"),
    .target(name: "CMedia", linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("z")]),
    .target(name: "CKernels", cSettings: [.unsafeFlags(kernelFlags)]),
    .target(name: "CFloatKernels", cSettings: [.unsafeFlags(kernelFlags)]),
    .target(name: "CPosix"),
    .target(name: "CTLS", linkerSettings: ["mbedtls", "mbedx509", "mbedcrypto"].map { .linkedLibrary($0) }),
    .target(name: "CSHA256"),
    .target(name: "CCRC32C"),
    .systemLibrary(name: "CMath"),
    .systemLibrary(name: "CTributary"),
    .systemLibrary(name: "CFreeType", pkgConfig: "freetype2", providers: [.apt(["libfreetype-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),

    .testTarget(
      name: "ProgramTests",
      dependencies: [
        "tributary", "tributary-peer", "tributary-train", "Autograd", "Device", "ModelEvaluation", "Split", "TestSupport", "Wire",
      ],
      swiftSettings: language),
    tests(
      "Peer",
      [
        "BundleFormat", "Split", "TestSupport", "Wire",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    tests("Device", ["BundleFormat", "Inference", "ModelGraph", "Preprocessing", "TestSupport"]),
    tests("Split", ["ModelGraph", "TestSupport", "TOMLFormat", "Wire"]),
    tests("Wire", resources: true, ["CCRC32C", "TestSupport"]),
    tests("Inference", ["AllocationCounter", "BundleFormat", "ModelGraph", "TestSupport"]),
    tests("Preprocessing", resources: true, ["TestSupport"]),
    tests(
      "Compression", resources: true,
      [
        "AllocationCounter", "Autograd", "BundleFormat", "Inference", "ModelGraph", "Models", "Preprocessing", "SystemCallGuard",
        "TestSupport", "Training",
      ]),
    tests("Models", resources: true, ["Autograd", "BundleFormat", "ModelGraph", "TestSupport"]),
    tests(
      "Training", resources: true,
      ["Autograd", "BundleFormat", "Dataset", "ModelGraph", "Models", "Randomness", "ResumedTraining", "TestSupport"]),
    tests("Evaluation", resources: true, ["Autograd", "BundleFormat", "JSONFormat", "Randomness"]),
    tests(
      "Pretraining",
      [
        "Autograd", "BundleFormat", "Dataset", "DatasetMaking", "JSONFormat", "ModelEvaluation", "ModelGraph", "Models", "TestSupport",
        "Training",
      ]),
    tests("Autograd", resources: true, ["ModelGraph", "Randomness", "TestSupport"]),
    tests("Dataset", resources: true, ["JSONFormat", "Preprocessing", "Randomness", "TestSupport"]),
    tests("ONNXFormat", ["BundleFormat", "ModelGraph", "TestSupport"]),
    tests("BundleFormat", resources: true, ["CSHA256", "ModelGraph", "TestSupport"]),
    tests("ModelGraph", ["TestSupport"]),
    tests("CKernels", ["EvexKernels", "TestSupport"]),
    .target(name: "TestSupport", dependencies: ["BundleFormat", "ModelGraph"], path: "Tests/TestSupport", swiftSettings: language),
    .executableTarget(
      name: "ResumedTraining", dependencies: ["Autograd", "ModelGraph", "Models", "Randomness", "Training"], path: "Tests/ResumedTraining",
      swiftSettings: language),
    .executableTarget(
      name: "TrainingBenchmark", dependencies: ["Autograd", "ModelGraph", "Randomness"], path: "Tests/TrainingBenchmark",
      swiftSettings: language),
    .executableTarget(
      name: "PeerLoad", dependencies: ["BundleFormat", "Inference", "ModelGraph", "Split", "Wire"], path: "Tests/PeerLoad",
      swiftSettings: language),
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .executableTarget(name: "DecodePicture", dependencies: ["CMedia"], path: "Tests/DecodePicture"),
    .target(name: "SystemCallGuard", path: "Tests/SystemCallGuard"),
    .target(name: "CFloatCalls", path: "Tests/FloatCalls/C"),
    .executableTarget(name: "FloatCalls", dependencies: ["CFloatCalls"], path: "Tests/FloatCalls/Swift", swiftSettings: language),
    .target(
      name: "EvexKernels", dependencies: ["CKernels"], path: "Tests/EvexKernels",
      cSettings: [.headerSearchPath("../../Sources/CKernels"), .unsafeFlags(kernelFlags)]),
  ]
)
