//! Every number that bounds a request, with its rule. The bounds of a policy (LIM-1) are the compiler's.

/// Longest action name of a request, in bytes (LIM-2).
pub const ACTION_BYTES_MAX: usize = 256;
/// Longest text of a principal, in bytes (LIM-2).
pub const PRINCIPAL_BYTES_MAX: usize = 2_048;
/// Longest resource of a request, in bytes (LIM-2).
pub const RESOURCE_BYTES_MAX: usize = 4_096;
/// Most resources in one request (LIM-2).
pub const RESOURCE_COUNT_MAX: usize = 64;
/// Most context keys in one request (LIM-2).
pub const CONTEXT_KEY_COUNT_MAX: usize = 256;
/// Longest context key, in bytes (LIM-2).
pub const CONTEXT_KEY_BYTES_MAX: usize = 512;
/// Most values of one context key (LIM-2).
pub const CONTEXT_VALUE_COUNT_MAX: usize = 1_024;
/// Longest context value, in bytes (LIM-2).
pub const CONTEXT_VALUE_BYTES_MAX: usize = 8_192;
/// Most tags of a session; the service takes 50.
pub const SESSION_TAGS_MAX: usize = 50;
/// Most action patterns of session policies that may match one action: what a machine has room for.
pub const OVERLAY_CHAIN_MAX: usize = 1_024;
/// Most digits of a JSON number in its plain form (GRM-28).
pub const NUMBER_DIGITS_MAX: usize = 64;
