/// Which run makes a call, and where in its course.
public struct CallOrigin: Sendable, Hashable {
  /// The linked account of the run, which a call for another account does not share.
  public var account: String
  /// The steps that lead to the call, counted from 1: `[3]` is the third step of the script itself; `[3, 2, 1]` the
  /// first step of the second child of the `refold.map` or `refold.all` that is the script's third step.
  public var path: [Int]

  /// Creates an origin.
  public init(account: String, path: [Int]) {
    self.account = account
    self.path = path
  }
}
