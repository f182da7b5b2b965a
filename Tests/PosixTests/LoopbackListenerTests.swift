import Posix
import Testing

@Suite struct LoopbackListenerTests {
  @Test func `listeners have ports of their own`() throws {
    let (one, other) = (try LoopbackListener(), try LoopbackListener())
    #expect(one.port != other.port)
    #expect(one.port > 0)
  }

  @Test func `a listener that is stopped hands out nothing`() throws {
    let listener = try LoopbackListener()
    listener.stop()
    #expect(try listener.accept() == nil)
    #expect(try listener.accept() == nil)
  }

  @Test func `stopping wakes who waits`() throws {
    let listener = try LoopbackListener()
    let ends = try Descriptor.pipe()
    try Threads.start {
      // A thrown error shows as a byte other than 1.
      let connection = try? listener.accept()
      try? ends.write.writeAll([connection == nil ? 1 : 0])
    }
    listener.stop()
    #expect(try ends.read.read(upTo: 1) == [1])
  }
}
