//! The bundle format, on one page, and [`Bundle`]: verified bytes, shared by threads.
//!
//! Position independent, little endian, every section a run of 32-bit words (or bytes) aligned to eight.
//!
//! ```text
//!  0        4         8                16            20         24
//!  +--------+---------+----------------+-------------+----------+----------------------------+---------
//!  | "DCTB" | version |    checksum    | file length | sections | offset, length per section | sections …
//!  +--------+---------+----------------+-------------+----------+----------------------------+---------
//!
//!  request ──▶ ActionIndex ──▶ Actions ──▶ Lists            the action patterns that match (unknown name: Services, Fallbacks, Tables)
//!          ──▶ PrincipalIndex ──▶ Principals                the names by which policies know the requester
//!          ──▶ AnchorFilter, AnchorIndex                    what a resource pattern must contain
//!          ──▶ KeyIndex ──▶ Keys, SymbolIndex ──▶ Strings    condition keys and values
//!                 │
//!                 ▼
//!          Nodes ◀──▶ Children                              the discrimination tree: (node, dimension, key) ──▶ node or record
//!                 │
//!                 ▼
//!          Records ──▶ Blocks ──▶ Tables                    what decides one statement
//!                 │
//!                 ▼
//!          Statements ──▶ Policies ──▶ Strings              cold: names and places, for explanations
//!          Noted ──▶ Notes ──▶ Strings                      cold: doc comments and metadata of statements
//! ```
//!
//! The checksum covers the whole file but its own eight bytes. It tells a damaged file from a whole one; it is no
//! signature: an unsigned bundle is trusted as its writer is.

use core::fmt;

use crate::hash::checksum;
use crate::words::{Index, Strings, Words};

pub(crate) mod gates_by_number;
pub(crate) mod notes;
pub(crate) mod read;
pub mod write;

pub use gates_by_number::gate_of;
pub use notes::Notes;
pub use read::{PolicyInfo, StatementInfo};

/// The first four bytes of every bundle.
pub const MAGIC: [u8; 4] = *b"DCTB";
/// The version of the format; a bundle of any other is refused.
pub const VERSION: u32 = 3;
const CHECKSUM: core::ops::Range<usize> = 8..16;
const HEAD_BYTES: usize = 24;

macro_rules! sections {
    ($($(#[doc = $doc:literal])* $name:ident;)*) => {
        /// The sections of a bundle, in file order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Section { $($(#[doc = $doc])* $name),* }

        impl Section {
            /// Every section, in file order.
            pub const ALL: &'static [Section] = &[$(Section::$name),*];

            /// The name in listings.
            pub const fn name(self) -> &'static str {
                match self { $(Section::$name => stringify!($name)),* }
            }

            /// What it holds.
            pub const fn meaning(self) -> &'static str {
                match self { $(Section::$name => concat!($($doc),*)),* }
            }
        }
    };
}

sections! {
    /// Counts and flags, one word each: see `Meta`.
    Meta;
    /// Byte offsets of the strings, ascending, and the end.
    StringOffsets;
    /// The bytes of all strings.
    StringBytes;
    /// Hash table: text to string id.
    SymbolIndex;
    /// Per slot: string id of the key, number of the derived key (CTX-2, CTX-4, CTX-7) or 255.
    Keys;
    /// Hash table: key without letter case to slot.
    KeyIndex;
    /// Per known action name: string id as first spelled, offset of the list of patterns that match it.
    Actions;
    /// Hash table: action name without letter case to its number.
    ActionIndex;
    /// Per action pattern: string id as first spelled; letter case means nothing in it (ACT-5).
    ActionPatterns;
    /// Per service with wildcard patterns: string id (lower case), offset in Fallbacks.
    Services;
    /// Hash table: service name without letter case to its number.
    ServiceIndex;
    /// For unknown names, per service: patterns, words, offset in Tables + 1 or 0; then per pattern its id and a program over the name.
    Fallbacks;
    /// Per principal key: its form, string id.
    Principals;
    /// Hash table: principal key to its id.
    PrincipalIndex;
    /// A bit for each anchor's hash, so that most keys of a resource cost one load.
    AnchorFilter;
    /// Hash table: anchor's hash to its id; the whole key is the hash, and a false hit costs only time.
    AnchorIndex;
    /// Hash table of four words: node, dimension and slot, key, child.
    Children;
    /// Nodes, parents before children: depth and dimensions, slots, denies, allows; then these. Without a directory one tree, with one a tree a unit: policies that are always in force together.
    Nodes;
    /// One record a statement.
    Records;
    /// Shared lists: length, then ascending ids.
    Lists;
    /// Condition blocks.
    Blocks;
    /// Determinised wildcard automata.
    Tables;
    /// Per account of the directory: string ids of its number, and + 1 or 0 of organization, management account and path; root + 1 or 0 and levels of its scps, likewise of its rcps.
    Accounts;
    /// Hash table: account number to its row.
    AccountIndex;
    /// What a principal brings: 1 if it has a boundary; units; then the root and the gate of each.
    Scopes;
    /// Per user and role: string id of the ARN, behind which the unique id stands; account, offset in Scopes, offset in TagSets + 1 or 0, root of the trust policy + 1 or 0.
    Entities;
    /// Hash table of one word: the row of Entities + 1, above it bits of the hash.
    EntityIndex;
    /// Tags: their number; then of each the slot of its principal key or all ones, that of its resource key, string ids of key and value.
    TagSets;
    /// Per resource: string id of the ARN, account, root of its policies + 1 or 0, offset in TagSets + 1 or 0, 1 if it must allow.
    Resources;
    /// Hash table of one word: the row of Resources + 1, above it bits of the hash.
    ResourceIndex;
    /// Per managed policy that may be a session policy: string id of the ARN, root. In an overlay: of those that the session names, in the bundle it is for.
    Managed;
    /// Hash table: ARN of a managed policy to its row.
    ManagedIndex;
    /// Per unit, ascending: root, offset in Lists of its policies.
    Units;
    /// Per policy: string ids of name and file, layer.
    Policies;
    /// Per statement: policy, index in it, string id of the Sid + 1 or 0, line, column, offset of its record.
    Statements;
    /// Per statement with a doc comment or metadata, ascending: statement, offset in Notes.
    Noted;
    /// Per entry of Noted: lines, metadata; then the string id of each line; then of each of the metadata its name's, the number of its values, and theirs.
    Notes;
}

/// Number of sections.
pub const SECTION_COUNT: usize = Section::ALL.len();

macro_rules! meta {
    ($($(#[doc = $doc:literal])* $name:ident;)*) => {
        /// Counts and flags of a bundle.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Meta { $($(#[doc = $doc])* pub $name: u32),* }

        impl Meta {
            /// Number of words of the section.
            pub const WORDS: usize = [$(stringify!($name)),*].len();

            /// The section's words.
            pub fn to_words(self) -> [u32; Meta::WORDS] {
                [$(self.$name),*]
            }

            /// The counts and flags of a section.
            pub fn from_words(words: Words<'_>) -> Option<Meta> {
                if words.len() != Meta::WORDS {
                    return None;
                }
                let mut next = words.iter();
                Some(Meta { $($name: next.next()?),* })
            }
        }
    };
}

meta! {
    /// Which policy types are there: the bits of `members`.
    members;
    /// Levels of service control policies.
    scp_levels;
    /// Levels of resource control policies.
    rcp_levels;
    /// Number of gates that some Allow statement can open.
    open_gates;
    /// Word offset of the root in Nodes.
    root;
    /// Low half of the hash seed.
    seed_low;
    /// High half of the hash seed.
    seed_high;
    /// The kinds of anchors in use: the bits of `anchor::Kinds`.
    anchor_kinds;
    /// Id of the action pattern `*` + 1, or 0.
    any_action;
    /// Most patterns that can match one action.
    chain_max;
    /// The forms of principal keys in use: a bit for each number of `PrincipalKey`.
    principal_forms;
    /// Number of anchors.
    anchors;
    /// Longest list of records at one node: what one node can cost.
    records_max;
    /// 1 where the bundle holds a directory (semantics.md 11): what applies to a request is found in it.
    directory;
    /// Of an overlay, the low half of the generation of the bundle that it is for.
    base_low;
    /// The high half; both 0 where it is no overlay.
    base_high;
}

/// Bits of [`Meta::members`].
pub mod members {
    /// At least one identity policy.
    pub const IDENTITY: u32 = 1;
    /// `resource` is present.
    pub const RESOURCE: u32 = 2;
    /// `boundary` is present.
    pub const BOUNDARY: u32 = 4;
    /// `session` is present.
    pub const SESSION: u32 = 8;
    /// `scp` is present.
    pub const SCP: u32 = 16;
    /// `rcp` is present.
    pub const RCP: u32 = 32;
    /// Every bit with a meaning.
    pub const ALL: u32 = 63;
}

/// Why bytes are no bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BundleError {
    /// They do not begin as a bundle does.
    NotABundle,
    /// Another version of the format.
    Version {
        /// The version of the bytes.
        found: u32,
    },
    /// Fewer or more bytes than the bundle says it has.
    Length {
        /// What it says.
        expected: u64,
        /// What there is.
        found: u64,
    },
    /// Some byte was changed.
    Checksum,
    /// A section breaks a rule of the format, at a word.
    Section {
        /// The section.
        section: Section,
        /// Where in it, in words.
        at: usize,
        /// What is wrong.
        problem: &'static str,
    },
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BundleError::NotABundle => write!(f, "not a bundle: it does not begin with `DCTB`"),
            BundleError::Version { found } => {
                write!(f, "a bundle of format version {found}; this machine reads version {VERSION}")
            }
            BundleError::Length { expected, found } => {
                write!(f, "the bundle says it has {expected} bytes, and there are {found}")
            }
            BundleError::Checksum => write!(f, "the checksum does not fit: some byte of the bundle was changed"),
            BundleError::Section { section, at, problem } => {
                write!(f, "section {}, word {at}: {problem}", section.name())
            }
        }
    }
}

impl core::error::Error for BundleError {}

macro_rules! bundle_codes {
    ($($variant:pat => $code:literal $meaning:literal;)*) => {
        impl BundleError {
            /// Every class of error with what it is about, in the order in which they are asked for.
            pub const CODES: &'static [(&'static str, &'static str)] = &[$(($code, $meaning)),*];

            /// Its class, as reports write it: `B-CHECKSUM`. Stable.
            pub const fn code(&self) -> &'static str {
                match self { $($variant => $code),* }
            }
        }
    };
}

bundle_codes! {
    BundleError::NotABundle => "B-MAGIC" "Not a bundle at all.";
    BundleError::Version { .. } => "B-VERSION" "A bundle of another version of the format.";
    BundleError::Length { .. } => "B-LENGTH" "A bundle with bytes missing or too many.";
    BundleError::Checksum => "B-CHECKSUM" "A bundle of which some byte was changed.";
    BundleError::Section { .. } => "B-SECTION" "A bundle that breaks a rule of the format.";
}

/// Where the sections lie.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    ranges: [(u32, u32); SECTION_COUNT],
    pub meta: Meta,
    pub generation: u64,
    pub seed: u64,
}

/// A bundle's bytes together with where its sections lie.
#[derive(Clone, Copy)]
pub(crate) struct View<'b> {
    pub bytes: &'b [u8],
    pub layout: &'b Layout,
}

impl<'b> View<'b> {
    #[inline]
    pub fn section(self, section: Section) -> &'b [u8] {
        let (start, end) = self.layout.ranges[section as usize];
        self.bytes.get(start as usize..end as usize).unwrap_or(&[])
    }

    #[inline]
    pub fn words(self, section: Section) -> Words<'b> {
        Words::new(self.section(section))
    }

    #[inline]
    pub fn index(self, section: Section) -> Index<'b> {
        Index(self.words(section))
    }

    #[inline]
    pub fn strings(self) -> Strings<'b> {
        Strings { offsets: self.words(Section::StringOffsets), bytes: self.section(Section::StringBytes) }
    }
}

/// A verified bundle. Immutable; give each thread its own [`Machine`](crate::machine::Machine) over one shared bundle.
///
/// `B` is whatever keeps the bytes: a `Vec<u8>`, an `Arc<[u8]>`, a slice, a map. They are read in place.
pub struct Bundle<B> {
    bytes: B,
    layout: Layout,
}

impl<B: AsRef<[u8]>> Bundle<B> {
    /// The bytes, as given.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// Bytes that were laid out and verified.
    pub(crate) fn verified(bytes: B, layout: Layout) -> Self {
        Bundle { bytes, layout }
    }

    /// Tells one bundle from another: handles carry it, and it is the same for the same bytes.
    pub fn generation(&self) -> u64 {
        self.layout.generation
    }

    /// Counts and flags.
    pub fn meta(&self) -> &Meta {
        &self.layout.meta
    }

    /// A section and its size in bytes, in file order.
    pub fn sections(&self) -> impl Iterator<Item = (Section, usize)> + '_ {
        Section::ALL.iter().map(|&section| (section, self.view().section(section).len()))
    }

    #[inline]
    pub(crate) fn view(&self) -> View<'_> {
        View { bytes: self.bytes.as_ref(), layout: &self.layout }
    }
}

fn checksum_of(bytes: &[u8]) -> u64 {
    checksum([&bytes[..CHECKSUM.start], &bytes[CHECKSUM.end..]])
}
