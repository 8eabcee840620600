//! The numbers that bound a document (LIM-1, GRM-28). Beyond them it is refused as E-LIMIT (E-VALUE for a number's digits).

/// Bytes of a document's source.
pub const DOCUMENT_BYTES_MAX: usize = 4 << 20;
/// Objects and arrays around a value, the document itself being the first.
pub const NESTING_MAX: u32 = 64;
/// Objects and arrays around a value that a formatter takes: a set of policies has a few more than a document.
pub const FORMAT_NESTING_MAX: u32 = 2 * NESTING_MAX;
/// Bytes of a pattern: an action, a resource, a value of a Like or Arn operator.
pub const PATTERN_BYTES_MAX: usize = 2048;
/// `*` in one pattern, those of `${*}` and of defaults included.
pub const PATTERN_STARS_MAX: usize = 1024;
/// Bytes of any other text.
pub const TEXT_BYTES_MAX: usize = 8192;
/// Entries of one list.
pub const LIST_ENTRIES_MAX: usize = 65_536;
/// Faults of syntax reported for one document: behind the first few the rest is mostly their echo.
pub const SYNTAX_ERRORS_MAX: usize = 20;
/// Bytes of a file of the Dictum language, which may hold several documents.
pub const DSL_FILE_BYTES_MAX: usize = 8 << 20;
/// Faults of syntax reported for one such file: statements are picked up again one by one, so that most are no echo.
pub const DSL_ERRORS_MAX: usize = 200;
/// Bytes of the texts that the tests of one such file make, over all rows of their tables.
pub const TEST_BYTES_MAX: usize = 64 << 20;
/// Blocks of such a file in one another; those that mean something have one around them.
pub const BLOCK_DEPTH_MAX: u32 = 16;
/// Lets and conds of one file.
pub const NAMES_MAX: usize = 10_000;
/// Unknown names, imports that lead nowhere among them, for which all known ones are searched for a near one.
pub const NAME_SEARCHES_MAX: usize = 100;
/// Definitions that lead from one to the next.
pub const NAME_DEPTH_MAX: usize = 64;
/// Files that import one another, from the first to the last.
pub const IMPORT_DEPTH_MAX: usize = 64;
/// Texts that tokens of two brace groups make in one file (dsl.md). A single group makes no more than it has members, so
/// that the file's size bounds it.
pub const GROUP_EXPANSIONS_MAX: usize = 10_000;
/// Bytes of text that the groups of one file make: what stands before a group is repeated for each of its members.
pub const GROUP_BYTES_MAX: usize = 64 << 20;
/// Faults of meaning reported for one document, or for the files of the Dictum language that are read together, of which then
/// each policy still tells its first one: in so many there is some mistake that was made again and again.
pub const FAULTS_MAX: usize = 1_000;
/// Lints reported for one document.
pub const LINTS_MAX: usize = 10_000;
/// Entries and clauses that names bring into statements, over all that is read together.
pub const NAMED_ENTRIES_MAX: usize = 1 << 20;
