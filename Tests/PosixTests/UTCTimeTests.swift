import Posix
import Testing

@Test(
  arguments: [
    (0, 0, "1970-01-01T00:00:00.000Z"), (951_782_399, 5, "2000-02-28T23:59:59.005Z"),
    (951_782_400, 0, "2000-02-29T00:00:00.000Z"), (-1, 999, "1969-12-31T23:59:59.999Z"),
  ] as [(Int64, Int64, String)])
func `times are written in ISO 8601`(seconds: Int64, milliseconds: Int64, text: String) {
  let time = UTCTime(.seconds(seconds) + .milliseconds(milliseconds))
  #expect(time.withMilliseconds == text)
  #expect(time.description == text.dropLast(5) + "Z")
}
