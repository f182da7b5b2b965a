extension LuaTree {
  /// What has a value.
  package struct Expression: Sendable {
    package var kind: Kind
    package var range: Range<Int>
    package var block: BlockID

    /// The kinds of expressions.
    package enum Kind: Sendable {
      case `nil`, boolean(Bool), integer(Int64), float(Double), varargs
      /// Text, with what is not UTF-8 in it replaced.
      case string(String)
      /// A variable; nil for a global.
      case name(String, VariableID?)
      /// `object[key]` and `object.key`, whose key is then a string.
      case index(object: ExpressionID, key: ExpressionID)
      case call(function: ExpressionID, arguments: [ExpressionID])
      case methodCall(object: ExpressionID, name: String, arguments: [ExpressionID])
      case function(FunctionID)
      case unary(String, ExpressionID)
      case binary(String, ExpressionID, ExpressionID)
      case table([Field])
      case parenthesized(ExpressionID)
    }
  }

  /// An element of a table constructor.
  package struct Field: Sendable {
    /// The key of `name = value` and `["name"] = value`; nil for others.
    package var name: String?
    /// The key expression of `[key] = value`.
    package var key: ExpressionID?
    package var value: ExpressionID
    /// Where the key stands; for a value without one, the value.
    package var range: Range<Int>

    /// Whether it is an element of the list part.
    package var isPositional: Bool { name == nil && key == nil }
  }

  /// A step of a program.
  package struct Statement: Sendable {
    package var kind: Kind
    package var range: Range<Int>
    package var block: BlockID

    /// The kinds of statements.
    package enum Kind: Sendable {
      case local([VariableID], [ExpressionID])
      case assign([ExpressionID], [ExpressionID])
      case call(ExpressionID)
      case `do`(BlockID)
      case `while`(ExpressionID, BlockID)
      case `repeat`(BlockID, ExpressionID)
      case `if`(conditions: [ExpressionID], blocks: [BlockID])
      case numericFor(VariableID, [ExpressionID], BlockID)
      case genericFor([VariableID], [ExpressionID], BlockID)
      /// `function a.b:c()`; the target is an expression as on the left of an assignment.
      case function(target: ExpressionID, FunctionID)
      case localFunction(VariableID, FunctionID)
      case `return`([ExpressionID])
      case `break`, goto(String), label(String)
    }
  }
}
