//! Session policies -> an overlay for a bundle (DIR-4, DIR-14): compiled when a session starts, not at each decision.

use std::fmt;

use dictum_vm::Bundle;
use dictum_vm::limits::OVERLAY_CHAIN_MAX;

use crate::codegen::{self, Image, Overlay};
use crate::diagnostic::Diagnostics;
use crate::pipeline::{self, Options};
use crate::source::Sources;

/// Why no overlay was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionFault {
    /// Errors of the policies, with the warnings among them.
    Policies(Diagnostics),
    /// The bundle holds no managed policy of this ARN, or one that names resources by less than a whole ARN (RES-8).
    Managed(String),
    /// The sources hold policies of other types than `Session`.
    OtherType,
    /// More patterns can match one action than a machine has room for, or the overlay is of more than 4 GiB.
    TooLarge,
    /// The bundle has no directory, and so no sessions.
    NoDirectory,
}

impl fmt::Display for SessionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SessionFault::Policies(diagnostics) => write!(f, "{diagnostics}"),
            SessionFault::Managed(arn) => {
                write!(f, "the bundle holds no managed policy `{arn}` that could be a session policy")
            }
            SessionFault::OtherType => write!(f, "policies of another type than `session`"),
            SessionFault::TooLarge => write!(f, "the session policies are too large for an overlay"),
            SessionFault::NoDirectory => write!(f, "the bundle has no directory, and so no sessions"),
        }
    }
}

impl std::error::Error for SessionFault {}

/// Compiles the session policies of some sources, and names the managed ones, for one bundle: bytes that
/// [`dictum_vm::Session::from_bytes`] takes with that bundle and no other. Sources without the member `session` and no
/// managed policies make a session without policies.
///
/// Costs what compiling the documents costs, whatever the size of the bundle. Equal input gives equal bytes.
///
/// # Errors
/// As [`SessionFault`] has them.
pub fn compile_session<B: AsRef<[u8]>>(
    bundle: &Bundle<B>,
    sources: &Sources,
    managed: &[&str],
) -> Result<Vec<u8>, SessionFault> {
    if bundle.meta().directory == 0 {
        return Err(SessionFault::NoDirectory);
    }
    let others = [&sources.identity, &sources.resource, &sources.boundary];
    if others.iter().any(|member| member.is_some()) || sources.scp.is_some() || sources.rcp.is_some() {
        return Err(SessionFault::OtherType);
    }
    let (program, _) = pipeline::lower(sources).map_err(SessionFault::Policies)?;
    let mut overlay = Overlay { base: bundle.generation(), managed: Vec::new() };
    for &arn in managed {
        let root = bundle.managed_policy(arn).ok_or_else(|| SessionFault::Managed(arn.to_owned()))?;
        let row = (arn.to_owned(), root);
        if !overlay.managed.contains(&row) {
            overlay.managed.push(row);
        }
    }
    let members = program.members;
    let mut program = pipeline::optimize(program, &Options::default());
    let image = |linker| Image { members, overlay: Some(overlay), ..Image::of(linker) };
    let (bytes, _) = codegen::link_one(&mut program, image).ok_or(SessionFault::TooLarge)?;
    let is_small = Bundle::from_bytes(&bytes).is_ok_and(|it| it.meta().chain_max as usize <= OVERLAY_CHAIN_MAX);
    if is_small { Ok(bytes) } else { Err(SessionFault::TooLarge) }
}
