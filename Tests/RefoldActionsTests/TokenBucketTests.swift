import RefoldActions
import Testing

@Suite struct TokenBucketTests {
  /// The waits in milliseconds of calls that are begun at these milliseconds.
  private func waits(_ times: [Int], _ limit: RateLimit) -> [Int] {
    var bucket = TokenBucket(limit)
    return times.map { time in
      let (seconds, attoseconds) = bucket.take(at: .milliseconds(time)).components
      return Int(seconds) * 1000 + Int((Double(attoseconds) / 1e15).rounded())
    }
  }

  @Test func `a burst leaves at once, and the rest at the rate`() {
    #expect(waits([0, 0, 0, 0, 0, 0, 0, 0], RateLimit()) == [0, 0, 0, 0, 0, 50, 100, 150])
  }

  @Test func `a bucket refills with time, up to the burst`() {
    let limit = RateLimit(perSecond: 10, burst: 2)
    #expect(waits([0, 0, 100, 100, 10_000, 10_000, 10_000], limit) == [0, 0, 0, 100, 0, 0, 100])
  }

  @Test func `calls at the rate never wait`() {
    let limit = RateLimit(perSecond: 20, burst: 1)
    #expect(waits((0..<50).map { $0 * 50 }, limit).allSatisfy { $0 == 0 })
  }
}
