"""Which nodes of each grammar define, call, use and import: tree-sitter queries, one text for each language.

`DEFINITIONS` capture a whole definition as `function`, `class`, `type`, `constant`, `field` or `scope` with its `name`
and, where it has one, its `body`; whole `import`s; and `lead`s, what may stand above a definition and belongs to it.
`NAMES` capture every `word`, and the word of each `call` once more: what is no word is no call either.
"""

_PYTHON = """
(function_definition name: (identifier) @name body: (block) @body) @function
(decorated_definition definition: (function_definition name: (identifier) @name body: (block) @body)) @function
(class_definition name: (identifier) @name body: (block) @body) @class
(decorated_definition definition: (class_definition name: (identifier) @name body: (block) @body)) @class
(module (expression_statement (assignment left: (identifier) @name)) @constant)
(class_definition body: (block (expression_statement (assignment left: (identifier) @name)) @field))
(type_alias_statement left: (type (identifier) @name)) @type
[(import_statement) (import_from_statement) (future_import_statement)] @import
(comment) @lead
"""
_PYTHON_NAMES = """
(identifier) @word
(call function: [(identifier) @call (attribute attribute: (identifier) @call)])
(decorator [(identifier) @call (attribute attribute: (identifier) @call)])
"""

_SCRIPT = """
(function_declaration name: (_) @name body: (_) @body) @function
(generator_function_declaration name: (_) @name body: (_) @body) @function
(class_declaration name: (_) @name body: (_) @body) @class
(method_definition name: (_) @name body: (_) @body) @function
(lexical_declaration (variable_declarator name: (identifier) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)])) @function
(lexical_declaration (variable_declarator name: (identifier) @name value: (class body: (_) @body))) @class
(assignment_expression left: [(identifier) @name (member_expression property: (property_identifier) @name)]
  right: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @function
(pair key: (property_identifier) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @function
(program [(lexical_declaration (variable_declarator name: (identifier) @name))
  (variable_declaration (variable_declarator name: (identifier) @name))] @constant)
(program (lexical_declaration (variable_declarator name: (object_pattern)
  value: (call_expression function: (identifier) @required))) @import (#eq? @required "require"))
(program (lexical_declaration (variable_declarator name: (identifier)
  value: (call_expression function: (identifier) @required))) @import (#eq? @required "require"))
(program (export_statement (lexical_declaration (variable_declarator name: (identifier) @name)) @constant))
(import_statement) @import
(comment) @lead
(decorator) @lead
"""
_SCRIPT_NAMES = """
[(identifier) (property_identifier) (shorthand_property_identifier) (private_property_identifier)] @word
(call_expression function: [(identifier) @call (member_expression property: (_) @call)])
(new_expression constructor: [(identifier) @call (member_expression property: (_) @call)])
"""

_JAVASCRIPT = (
    _SCRIPT
    + """
(field_definition property: (_) @name value: (arrow_function body: (_) @body)) @function
(field_definition property: (_) @name) @field
"""
)
_JSX_NAMES = """
(jsx_opening_element name: (identifier) @call)
(jsx_self_closing_element name: (identifier) @call)
"""
_TYPESCRIPT = (
    _SCRIPT
    + """
(public_field_definition name: (_) @name value: (arrow_function body: (_) @body)) @function
(public_field_definition name: (_) @name) @field
(abstract_class_declaration name: (_) @name body: (_) @body) @class
(abstract_method_signature name: (_) @name) @function
(function_signature name: (_) @name) @function
(method_signature name: (_) @name) @function
(interface_declaration name: (_) @name body: (_) @body) @type
(enum_declaration name: (_) @name body: (_) @body) @type
(type_alias_declaration name: (_) @name) @type
"""
)
_TYPESCRIPT_NAMES = _SCRIPT_NAMES + "(type_identifier) @word\n"

_GO = """
(function_declaration name: (identifier) @name body: (block) @body) @function
(method_declaration name: (field_identifier) @name body: (block) @body) @function
(method_elem name: (field_identifier) @name) @function
(type_declaration (type_spec name: (type_identifier) @name
  type: [(struct_type (field_declaration_list) @body) (interface_type) (_)])) @type
(type_declaration (type_alias name: (type_identifier) @name)) @type
(source_file (const_declaration (const_spec name: (identifier) @name) @constant))
(source_file (var_declaration [(var_spec name: (identifier) @name) @constant
  (var_spec_list (var_spec name: (identifier) @name) @constant)]))
(import_spec) @import
(comment) @lead
"""
_GO_NAMES = """
[(identifier) (type_identifier) (field_identifier) (package_identifier)] @word
(call_expression function: [(identifier) @call (selector_expression field: (field_identifier) @call)])
"""

_RUST = """
(function_item name: (_) @name body: (block) @body) @function
(function_signature_item name: (_) @name) @function
(struct_item name: (type_identifier) @name) @type
(struct_item name: (type_identifier) @name body: (field_declaration_list) @body) @type
(enum_item name: (type_identifier) @name body: (_) @body) @type
(union_item name: (type_identifier) @name body: (_) @body) @type
(trait_item name: (type_identifier) @name body: (_) @body) @type
(type_item name: (type_identifier) @name) @type
(impl_item type: [(type_identifier) @name (generic_type type: (type_identifier) @name)] body: (_) @body) @scope
[(const_item name: (identifier) @name) (static_item name: (identifier) @name)] @constant
(macro_definition name: (identifier) @name) @function
(use_declaration) @import
[(line_comment) (block_comment) (attribute_item)] @lead
"""
_RUST_NAMES = """
[(identifier) (type_identifier) (field_identifier) (shorthand_field_identifier)] @word
(call_expression function: [(identifier) @call (field_expression field: (field_identifier) @call)
  (scoped_identifier name: (identifier) @call)
  (generic_function function: [(identifier) @call (scoped_identifier name: (identifier) @call)])])
(macro_invocation macro: (identifier) @call)
(struct_expression name: (type_identifier) @call)
"""

_JAVA = """
(method_declaration name: (identifier) @name) @function
(method_declaration name: (identifier) @name body: (block) @body) @function
(constructor_declaration name: (identifier) @name body: (_) @body) @function
(compact_constructor_declaration name: (identifier) @name body: (_) @body) @function
(class_declaration name: (identifier) @name body: (_) @body) @class
(record_declaration name: (identifier) @name body: (_) @body) @class
(interface_declaration name: (identifier) @name body: (_) @body) @type
(enum_declaration name: (identifier) @name body: (_) @body) @type
(annotation_type_declaration name: (identifier) @name body: (_) @body) @type
(field_declaration (modifiers) @said declarator: (variable_declarator name: (identifier) @name)
  (#match? @said "static")) @constant
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @field
(constant_declaration declarator: (variable_declarator name: (identifier) @name)) @constant
(enum_constant name: (identifier) @name) @constant
(import_declaration) @import
[(line_comment) (block_comment)] @lead
"""
_JAVA_NAMES = """
[(identifier) (type_identifier)] @word
(method_invocation name: (identifier) @call)
(object_creation_expression type: [(type_identifier) @call (generic_type (type_identifier) @call)])
(method_reference (identifier) @call .)
"""

_C = """
(function_definition declarator: [
  (function_declarator declarator: (identifier) @name)
  (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
  (pointer_declarator declarator: (pointer_declarator
    declarator: (function_declarator declarator: (identifier) @name)))] body: (_) @body) @function
(declaration declarator: [
  (function_declarator declarator: (identifier) @name)
  (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
  (pointer_declarator declarator: (pointer_declarator
    declarator: (function_declarator declarator: (identifier) @name)))]) @function
(struct_specifier name: (type_identifier) @name body: (_) @body) @type
(union_specifier name: (type_identifier) @name body: (_) @body) @type
(enum_specifier name: (type_identifier) @name body: (_) @body) @type
(type_definition declarator: (type_identifier) @name) @type
(enumerator name: (identifier) @name) @constant
(preproc_def name: (identifier) @name) @constant
(preproc_function_def name: (identifier) @name) @function
(translation_unit (declaration declarator: [
  (identifier) @name (init_declarator declarator: (identifier) @name)
  (init_declarator declarator: (array_declarator declarator: (identifier) @name))
  (array_declarator declarator: (identifier) @name)]) @constant)
(preproc_include) @import
(comment) @lead
"""
_C_NAMES = """
[(identifier) (type_identifier) (field_identifier)] @word
(call_expression function: [(identifier) @call (field_expression field: (field_identifier) @call)])
"""

_CPP = (
    _C
    + """
(function_definition declarator: [
  (function_declarator declarator: [(field_identifier) (destructor_name) (operator_name)] @name)
  (pointer_declarator (function_declarator declarator: (field_identifier) @name))
  (reference_declarator (function_declarator declarator: [(identifier) (field_identifier) (operator_name)] @name))
  (function_declarator declarator: (qualified_identifier name: [(identifier) (destructor_name)] @name))
  (function_declarator declarator: (qualified_identifier name: (qualified_identifier name: (identifier) @name)))
  (pointer_declarator (function_declarator declarator: (qualified_identifier name: (identifier) @name)))
  (reference_declarator (function_declarator declarator: (qualified_identifier name: (identifier) @name)))
  ] body: (compound_statement) @body) @function
(field_declaration declarator: [
  (function_declarator declarator: (field_identifier) @name)
  (pointer_declarator (function_declarator declarator: (field_identifier) @name))
  (reference_declarator (function_declarator declarator: (field_identifier) @name))]) @function
(field_declaration declarator: (field_identifier) @name) @field
(class_specifier name: (type_identifier) @name body: (_) @body) @class
(template_declaration (function_definition
  declarator: (function_declarator declarator: (identifier) @name) body: (_) @body)) @function
(template_declaration (class_specifier name: (type_identifier) @name body: (_) @body)) @class
(template_declaration (struct_specifier name: (type_identifier) @name body: (_) @body)) @type
(namespace_definition body: (declaration_list (declaration declarator: [
  (init_declarator declarator: (identifier) @name)
  (init_declarator declarator: (array_declarator declarator: (identifier) @name))]) @constant))
(alias_declaration name: (type_identifier) @name) @type
(using_declaration) @import
"""
)
_CPP_NAMES = (
    _C_NAMES
    + """
(namespace_identifier) @word
(call_expression function: [(qualified_identifier name: (identifier) @call)
  (qualified_identifier name: (qualified_identifier name: (identifier) @call))
  (template_function name: (identifier) @call)])
(new_expression type: (type_identifier) @call)
"""
)

_RUBY = """
(method name: (_) @name) @function
(method name: (_) @name body: (_) @body) @function
(singleton_method name: (_) @name) @function
(singleton_method name: (_) @name body: (_) @body) @function
(class name: [(constant) @name (scope_resolution name: (constant) @name)]) @class
(class name: [(constant) @name (scope_resolution name: (constant) @name)] body: (_) @body) @class
(module name: [(constant) @name (scope_resolution name: (constant) @name)] body: (_) @body) @class
(assignment left: (constant) @name) @constant
(call method: (identifier) @required (#match? @required "^(require|require_relative|autoload|include|extend)$")) @import
(comment) @lead
"""
_RUBY_NAMES = """
[(identifier) (constant) (instance_variable)] @word
(call method: [(identifier) (constant)] @call)
"""

DEFINITIONS = {
    "python": _PYTHON,
    "javascript": _JAVASCRIPT,
    "typescript": _TYPESCRIPT,
    "tsx": _TYPESCRIPT,
    "go": _GO,
    "rust": _RUST,
    "java": _JAVA,
    "c": _C,
    "cpp": _CPP,
    "ruby": _RUBY,
}
NAMES = {
    "python": _PYTHON_NAMES,
    "javascript": _SCRIPT_NAMES + _JSX_NAMES,
    "typescript": _TYPESCRIPT_NAMES,
    "tsx": _TYPESCRIPT_NAMES + _JSX_NAMES,
    "go": _GO_NAMES,
    "rust": _RUST_NAMES,
    "java": _JAVA_NAMES,
    "c": _C_NAMES,
    "cpp": _CPP_NAMES,
    "ruby": _RUBY_NAMES,
}
