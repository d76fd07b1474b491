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

let package = Package(
  name: "tributary",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    .target(name: "CPosix"),
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-ffp-contract=off", "-fno-math-errno"])]),
    tests("CKernels"),
    module("ModelGraph"),
    tests("ModelGraph", ["TestSupport"]),
    .target(name: "CSHA256"),
    module("BundleFormat", untrusted: true, ["ModelGraph", "CPosix", "CSHA256"]),
    tests("BundleFormat", resources: true, ["CSHA256", "ModelGraph", "TestSupport"]),
    .target(name: "TestSupport", dependencies: ["BundleFormat", "ModelGraph"], path: "Tests/TestSupport", swiftSettings: language),
    module("Preprocessing", untrusted: true),
    tests("Preprocessing", resources: true),
    .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
    module("Wire", untrusted: true, ["CZstd"]),
    tests("Wire", resources: true),
    module("Split", untrusted: true, ["ModelGraph", "Wire"]),
    tests("Split", ["Wire"]),
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
    module("Autograd", ["COpenBLAS", "ModelGraph"]),
    tests("Autograd", resources: true, ["ModelGraph"]),
    module("Models", untrusted: true, ["BundleFormat", "CPosix", "ModelGraph"]),
    tests("Models", resources: true, ["Autograd", "BundleFormat", "ModelGraph", "TestSupport"]),
    module("Compression", ["Autograd", "BundleFormat", "ModelGraph", "Models"]),
    tests("Compression", resources: true, ["Autograd", "BundleFormat", "ModelGraph", "Models", "TestSupport"]),
  ]
)
