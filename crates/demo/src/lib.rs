//! A seeded made-up organisation, written as an offline bundle.
//!
//! Every principal comes from a *scenario*: a small function that builds one user or role and
//! states, in the same lines, what an auditor has to find in it. The truth is therefore known by
//! construction. No rule is implemented here a second time, so a mistake in a rule cannot hide
//! behind the same mistake in the demo.
//!
//! All dates count back from [`NOW`]. The same [`Options`] give the same bytes, whatever the number
//! of threads: each principal, account and day has a generator of random numbers of its own.

mod bundle;
mod calls;
mod cloudtrail;
mod error;
mod model;
mod moment;
mod names;
mod ownership;
mod policy;
mod randomness;
mod scenario;
mod truth;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use error::Error;

/// The instant that the organisation was inventoried at, and that all its dates count back from:
/// 2026-11-01T00:00:00Z.
pub const NOW: jiff::Timestamp = jiff::Timestamp::constant(moment::NOW_IN_UNIX_SECONDS, 0);

/// What organisation to make up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The seed of all randomness.
    pub seed: u64,
    /// The number of accounts, from 1 to 10,000; the first is the management account.
    pub accounts: usize,
    /// The number of users and roles together, over all accounts; one in three is a role.
    pub principals: usize,
    /// The number of days, counted back from [`NOW`], that the CloudTrail files cover.
    pub days: u32,
    /// Whether CloudTrail files are written at all.
    pub cloudtrail: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            accounts: 3,
            principals: 120,
            days: 365,
            cloudtrail: true,
        }
    }
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The number of accounts.
    pub accounts: usize,
    /// The number of users over all accounts, without the roots.
    pub users: usize,
    /// The number of roles over all accounts.
    pub roles: usize,
    /// The number of findings that `truth.json` lists.
    pub findings: usize,
    /// The number of CloudTrail records over all accounts.
    pub cloudtrail_events: u64,
    /// The number of files, `truth.json` included.
    pub files: usize,
}

/// Writes the organisation below `out`, an existing empty folder.
///
/// The files are not written atomically: the caller writes into a temporary folder and moves it.
///
/// # Errors
///
/// The options are out of range, or a file or folder cannot be written.
pub fn write(options: &Options, out: &Path) -> Result<Summary, Error> {
    let organisation = scenario::plan(options)?;
    let folder = bundle::Folder::new(out);
    bundle::write(&organisation, &folder)?;
    let streams = cloudtrail::streams(&organisation)?;
    let cloudtrail_events = cloudtrail::write(&organisation, &streams, &folder)?;
    let findings = truth::write(&organisation, &streams, &folder)?;
    Ok(Summary {
        accounts: organisation.accounts.len(),
        users: organisation.accounts.iter().map(|a| a.users.len()).sum(),
        roles: organisation.accounts.iter().map(|a| a.roles.len()).sum(),
        findings,
        cloudtrail_events,
        files: folder.files(),
    })
}

/// The JSON Schema of `truth.json`.
#[must_use]
pub fn truth_schema() -> String {
    truth::json_schema()
}
