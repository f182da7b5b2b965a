extension Duration {
  /// The duration in nanoseconds, at most about 292 years.
  var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? Int64.max / 2 : min(product + attoseconds / 1_000_000_000, Int64.max / 2)
  }
}
