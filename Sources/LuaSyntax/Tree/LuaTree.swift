/// What a Lua file says, with each name bound to the local variable that it means.
///
/// Nodes lie in flat lists and name one another by index, each behind those that it consists of. So however deep a file
/// nests, whoever looks at all calls or all names walks a list, and nothing recurses.
package struct LuaTree: Sendable {
  /// The text, for positions.
  package let source: LuaSource
  package internal(set) var expressions: [Expression] = []
  package internal(set) var statements: [Statement] = []
  /// The first is the file itself.
  package internal(set) var blocks: [Block] = []
  /// The first is the file itself.
  package internal(set) var functions: [Function] = []
  package internal(set) var variables: [Variable] = []
  /// The ranges of the comments, in their order.
  package internal(set) var comments: [Range<Int>] = []

  init(_ source: LuaSource) { self.source = source }

  /// An index in ``expressions``.
  package typealias ExpressionID = Int
  /// An index in ``statements``.
  package typealias StatementID = Int
  /// An index in ``blocks``.
  package typealias BlockID = Int
  /// An index in ``functions``.
  package typealias FunctionID = Int
  /// An index in ``variables``.
  package typealias VariableID = Int

  /// A sequence of statements with a scope of its own.
  package struct Block: Sendable {
    /// What makes it.
    package enum Kind: Sendable { case function, loop, branch, plain }
    package var kind: Kind
    /// The block that it stands in, also across functions; nil for the file's.
    package var parent: BlockID?
    package var function: FunctionID
    package var statements: [StatementID] = []
  }

  /// A function, or the file as one.
  package struct Function: Sendable {
    package var block: BlockID
    package var parameters: [VariableID] = []
    package var isVariadic: Bool
    package var range: Range<Int>
    /// The expression that makes it; nil for the file, and for functions that a statement names.
    package var expression: ExpressionID?
  }

  /// A local variable or a parameter.
  package struct Variable: Sendable {
    /// How it came to be.
    package enum Kind: Sendable { case local, constant, closed, parameter, control, function }
    package var name: String
    package var kind: Kind
    package var range: Range<Int>
    package var block: BlockID
    /// The value that its declaration gives it, where that is one expression for it alone.
    package var value: ExpressionID?
    /// The function that `local function` gives it.
    package var function: FunctionID?
    /// Whether anything but its declaration sets it.
    package var isAssigned = false
    /// How often it is read.
    package var uses = 0
  }
}
