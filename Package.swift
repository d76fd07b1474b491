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
  targets: [
    .target(name: "CPosix"),
    .target(name: "CSHA256"),
    module("ModelGraph"),
    module("BundleFormat", untrusted: true, ["ModelGraph", "CPosix", "CSHA256"]),
    tests("ModelGraph"),
    tests("BundleFormat", resources: true, ["ModelGraph"]),
  ]
)
