import Testing
import Zlib

@Suite struct ZlibTests {
  @Test(arguments: [0, 1, 100, 100_000])
  func `bytes come back as they were`(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) }
    let small = Zlib.compress(bytes)
    #expect(try Zlib.expand(small, count: count) == bytes)
    #expect(count < 1000 || small.count < count / 10)
  }

  @Test func `damaged bytes are said to be`() {
    let small = Zlib.compress([UInt8](repeating: 7, count: 1000))
    #expect(throws: ZlibError.self) { try Zlib.expand(Array(small.dropLast(3)), count: 1000) }
    #expect(throws: ZlibError.self) { try Zlib.expand(small, count: 999) }
    #expect(throws: ZlibError.self) { try Zlib.expand(small, count: 1001) }
    #expect(throws: ZlibError.self) { try Zlib.expand([1, 2, 3], count: 3) }
  }
}
