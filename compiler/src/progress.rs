//! How far a long compilation has come, for those who wait for it.

/// How far a compilation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, as one says it: `resolving policies`.
    pub stage: &'static str,
    /// How many of them are done.
    pub done: usize,
    /// How many there are; those that turn out to be equal are done at once.
    pub total: usize,
}

/// Who is told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reporter(pub Option<fn(Progress)>);

impl Reporter {
    /// Tells how far a stage has come.
    pub(crate) fn tell(self, stage: &'static str, done: usize, total: usize) {
        if let Some(report) = self.0 {
            report(Progress { stage, done, total });
        }
    }
}
