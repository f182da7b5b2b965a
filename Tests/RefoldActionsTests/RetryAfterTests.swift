import Testing

@testable import RefoldActions

@Suite struct RetryAfterTests {
  static let date = "Sun, 06 Nov 1994 08:49:37 GMT"

  @Test(arguments: [
    ("0", 0 as Int?), ("3", 3), (" 120 ", 120), ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
    ("Sunday, 06-Nov-1994 08:49:40 GMT", 3), ("Sun Nov  6 09:49:37 1994", 3600),
    ("Mon, 07 Nov 1994 08:49:37 GMT", 86_400), ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
    ("Wed, 06 Dec 1995 08:49:37 GMT", 395 * 86_400), ("", nil), ("soon", nil), ("-1", nil),
    ("1.5", nil), ("99999999999999999999", nil), ("Sun, 06 Foo 1994 08:49:37 GMT", nil),
    ("Sun, 06 Nov 1994", nil), ("Sun, 06 Nov 1994 25:00:00 GMT", nil),
    ("Sun, 66 Nov 1994 08:49:37 GMT", nil), ("Sun, Nov 1994 08:49:37 GMT", nil),
  ])
  func `a wait is seconds or a date`(value: String, seconds: Int?) {
    #expect(RetryAfter.duration(value, date: Self.date) == seconds.map { .seconds($0) })
  }

  @Test(arguments: [
    (Self.date, 784_111_777 as Int?), ("Sun Nov  6 08:49:37 1994", 784_111_777),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Thu, 29 Feb 2024 12:00:00 GMT", 1_709_208_000),
    ("Friday, 01-Mar-24 00:00:00 GMT", 1_709_251_200),
    ("Fri, 31 Dec 2027 23:59:59 GMT", 1_830_297_599),
  ])
  func `dates are counted from 1970`(text: String, seconds: Int?) {
    #expect(RetryAfter.seconds(text) == seconds)
  }

  @Test func `a date says nothing without the server's own`() {
    #expect(RetryAfter.duration(Self.date, date: nil) == nil)
    #expect(RetryAfter.duration(Self.date, date: "x") == nil)
    #expect(RetryAfter.duration("7", date: nil) == .seconds(7))
  }
}
