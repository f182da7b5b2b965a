// swift-tools-version: 6.2
import PackageDescription

// Every Swift target: Swift 6 mode (from the tools version), unsafe constructs spelled out, no warnings.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]
let strictC: [CSetting] = [.treatAllWarnings(as: .error), .enableWarning("all")]

let package = Package(
  name: "refold",
  products: [
    .executable(name: "refold", targets: ["refold"]),
    .library(name: "Lua", targets: ["Lua"]),
    .library(name: "Refold", targets: ["RefoldRuntime", "RefoldActions", "RefoldSandbox"]),
  ],
  targets: [
    // System libraries: headers, and inline wrappers for what Swift cannot import.
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    // libcurl and libmicrohttpd are loaded on first use (no pkgConfig, which would link them): linked,
    // they would cost every start of the program 6 ms and 1.5 ms.
    .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CMicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),

    // The edge: the only targets that hold pointers or call C.
    .target(name: "CLuaShim", dependencies: ["CLua"], cSettings: strictC),
    .target(name: "Lua", dependencies: ["CLuaShim", "CLua"], swiftSettings: strict),
    .target(name: "Posix", swiftSettings: strict),
    .target(name: "SQLite", dependencies: ["CSQLite"], swiftSettings: strict),
    .target(name: "Zlib", dependencies: ["CZlib"], swiftSettings: strict),
    .target(name: "HTTP", dependencies: ["CCurl", "CMicrohttpd"], swiftSettings: strict),

    // The product.
    .target(name: "LineEditing", swiftSettings: strict),
    .target(name: "LuaSyntax", swiftSettings: strict),
    .target(name: "RefoldStdlib", swiftSettings: strict),
    .target(name: "RefoldActions", dependencies: ["HTTP", "Posix"], swiftSettings: strict),
    .target(
      name: "RefoldSandbox",
      dependencies: ["RefoldActions", "RefoldStdlib", "Lua", "SQLite", "HTTP", "Posix"],
      swiftSettings: strict),
    .target(
      name: "RefoldRuntime",
      dependencies: [
        "RefoldActions", "RefoldStdlib", "LuaSyntax", "Lua", "SQLite", "Zlib", "Posix",
      ],
      swiftSettings: strict),
    .target(
      name: "RefoldCheck", dependencies: ["LuaSyntax", "RefoldActions", "RefoldStdlib"],
      swiftSettings: strict),
    .target(
      name: "RefoldCLI",
      dependencies: [
        "RefoldRuntime", "RefoldSandbox", "RefoldCheck", "RefoldActions", "RefoldStdlib",
        "LineEditing", "LuaSyntax", "HTTP", "Posix", "Lua",
      ],
      swiftSettings: strict),
    .executableTarget(name: "refold", dependencies: ["RefoldCLI"], swiftSettings: strict),

    // Benchmarks: `make bench` and `make bench-json`.
    .target(name: "Floor", dependencies: ["CLua"], path: "Benchmarks/Floor", cSettings: strictC),
    .executableTarget(
      name: "RefoldBenchmarks",
      dependencies: [
        "Floor", "Measuring", "Lua", "RefoldRuntime", "RefoldSandbox", "RefoldActions", "HTTP",
        "Posix",
      ],
      path: "Benchmarks/RefoldBenchmarks", swiftSettings: strict),
    .target(
      name: "Measuring", dependencies: ["Posix"], path: "Benchmarks/Measuring",
      swiftSettings: strict),
    .target(
      name: "CurlFloor", path: "Benchmarks/CurlFloor", cSettings: strictC,
      linkerSettings: [.linkedLibrary("curl")]),
    .executableTarget(
      name: "RunBenchmarks",
      dependencies: [
        "CurlFloor", "Measuring", "Lua", "RefoldRuntime", "RefoldActions", "Posix",
      ],
      path: "Benchmarks/RunBenchmarks", swiftSettings: strict),
    .executableTarget(
      name: "JournalBenchmarks",
      dependencies: ["Measuring", "RefoldRuntime", "RefoldSandbox", "RefoldActions", "Posix"],
      path: "Benchmarks/JournalBenchmarks", swiftSettings: strict),
    .executableTarget(
      name: "JSONBenchmarks", dependencies: ["Floor", "Measuring", "Lua"],
      path: "Benchmarks/JSONBenchmarks", swiftSettings: strict),

    // Tests and what they share.
    .target(
      name: "RefoldTesting",
      dependencies: [
        "RefoldRuntime", "RefoldSandbox", "RefoldActions", "LineEditing", "HTTP", "Posix",
      ],
      path: "Sources/RefoldTesting"),
    .testTarget(name: "LuaTests", dependencies: ["Lua"]),
    .testTarget(name: "LuaSyntaxTests", dependencies: ["LuaSyntax", "Lua"]),
    .testTarget(
      name: "RefoldCheckTests", dependencies: ["RefoldCheck", "LuaSyntax", "RefoldActions"]),
    .testTarget(name: "PosixTests", dependencies: ["Posix", "RefoldTesting"]),
    .testTarget(name: "LineEditingTests", dependencies: ["LineEditing", "RefoldTesting"]),
    .testTarget(name: "SQLiteTests", dependencies: ["SQLite", "RefoldTesting"]),
    .testTarget(name: "ZlibTests", dependencies: ["Zlib"]),
    .testTarget(name: "HTTPTests", dependencies: ["HTTP", "RefoldTesting", "Posix"]),
    .testTarget(
      name: "RefoldActionsTests", dependencies: ["RefoldActions", "HTTP", "RefoldTesting"]),
    .testTarget(
      name: "RefoldSandboxTests",
      dependencies: ["RefoldSandbox", "RefoldActions", "HTTP", "SQLite", "RefoldTesting"]),
    .testTarget(
      name: "RefoldRuntimeTests",
      dependencies: ["RefoldRuntime", "LuaSyntax", "RefoldTesting", "SQLite", "Posix"]),
    .testTarget(
      name: "RefoldCLITests",
      dependencies: [
        "RefoldCLI", "refold", "RefoldRuntime", "RefoldSandbox", "RefoldActions", "RefoldCheck",
        "LuaSyntax", "LineEditing", "SQLite", "HTTP",
        "Posix", "RefoldTesting",
      ],
      exclude: ["Specs", "Screens"]),
  ]
)
