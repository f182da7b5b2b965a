/// The names that declarations may hold, for whoever checks them without running them.
package enum DeclarationNames {
  /// The fields of a project's config.
  package static let config = ProjectConfig.fields
  /// The fields of `budget`.
  package static let budget = DeclarationReader.budgetFields
  /// The fields of `env`.
  package static var environment: [String] { ProjectConfig.environmentFields }
  /// The types of input fields, sorted.
  package static let inputTypes = DeclaredScript.types.keys.sorted()
}
