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
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    .target(name: "CPosix"),
    .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
    module("ModelGraph"),
    module("Wire", untrusted: true, ["CZstd"]),
    module("Split", untrusted: true, ["Wire"]),
    module(
      "Peer",
      [
        "Split", "Wire",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]),
    tests("ModelGraph"),
    tests("Wire", resources: true),
    tests("Split", ["Wire"]),
    tests(
      "Peer",
      [
        "Split", "Wire",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
  ]
)
