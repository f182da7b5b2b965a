let arguments = CommandLine.arguments.dropFirst()
do {
  try LuaBenchmarks.run()
} catch {
  print("benchmark failed: \(error)")
}
