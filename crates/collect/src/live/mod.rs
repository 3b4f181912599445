//! AWS itself to the answers that a bundle holds.
//!
//! Data flow: [`accounts`] says which accounts there are and with which credentials each is asked, in a [`role`] if need be → one [`asker`] an account asks the
//! calls of [`iam`], [`organization`], [`identity_center`], [`regional`] and [`resources`] over [`wire`] → answers and refusals go to the [`store`] as
//! they come → [`read`] gives them to the readers that read files too. So what is collected live and what is collected from files
//! are equal by construction.

mod account_answers;
mod accounts;
mod asker;
mod calls;
mod iam;
mod identity_center;
mod organization;
mod plan;
mod read;
mod regional;
mod resources;
mod role;
mod store;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use leastgrant_inventory::Timestamp;

pub use accounts::Sources;
pub use calls::{CALLS, Call, Part};
pub use plan::{Bound, CALLS_A_SECOND, Plan, PlannedCall};
pub use role::Member as RoleInAccounts;
pub use store::{AnswerStore, StoreError};

use crate::{Collected, Error, Options};
use plan::Planner;

const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// How far a live collection has come.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Calls made in this run.
    pub calls: u64,
    /// Accounts that are done.
    pub accounts_done: u64,
    /// Accounts that are known so far.
    pub accounts: u64,
    /// The accounts that are being asked, each with the calls that were made.
    pub each: Vec<(String, u64)>,
}

#[derive(Debug, Default)]
struct Counters {
    calls: AtomicU64,
    accounts_done: AtomicU64,
    accounts: AtomicU64,
    each: Mutex<BTreeMap<String, u64>>,
    /// Where calls are only to be planned.
    planner: Option<Planner>,
}

impl Counters {
    fn now(&self) -> Asked {
        Asked {
            calls: self.calls.load(Ordering::Relaxed),
            accounts_done: self.accounts_done.load(Ordering::Relaxed),
            accounts: self.accounts.load(Ordering::Relaxed),
            each: self
                .each()
                .iter()
                .map(|(account, calls)| (account.clone(), *calls))
                .collect(),
        }
    }

    fn each(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.each.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An account is being asked from here on, or from before.
    fn begin(&self, account: &str) {
        self.each().entry(account.to_owned()).or_default();
    }

    /// An account is done.
    fn end(&self, account: &str) {
        self.each().remove(account);
        self.accounts_done.fetch_add(1, Ordering::Relaxed);
    }

    /// A call that an account is asked.
    fn call_of(&self, account: &str) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if let Some(calls) = self.each().get_mut(account) {
            *calls += 1;
        }
    }
}

/// What ends a live collection; everything less is a gap.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The machine gives no threads.
    #[error(transparent)]
    Runtime(#[from] leastgrant_aws::Error),
    /// Answers cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disk is full, or the like.
    #[error("cannot keep an answer in `{folder}`; what was kept before is there for `--resume`")]
    Disk {
        /// The store.
        folder: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// AWS says for no credentials whose they are.
    #[error(
        "cannot ask AWS{}: {failure}{}",
        profile.as_ref().map(|profile| format!(" with the profile `{profile}`")).unwrap_or_default(),
        advice(failure.kind)
    )]
    NoAccount {
        /// The first profile.
        profile: Option<String>,
        /// What AWS said.
        failure: leastgrant_aws::Failure,
    },
    /// Nothing of what was collected can be used.
    #[error(transparent)]
    Read(#[from] Error),
}

/// What to do where AWS cannot be asked at all.
fn advice(kind: leastgrant_aws::FailureKind) -> &'static str {
    use leastgrant_aws::FailureKind;
    match kind {
        FailureKind::Credentials => {
            "; give credentials as the `aws` CLI takes them: `--profile`, `aws sso login`, or the environment"
        }
        FailureKind::Denied => "; the credentials are known, and may not do this",
        FailureKind::Configuration => "",
        FailureKind::NotFound | FailureKind::Other => {
            "; see that the network, a proxy or `--endpoint-url` leads to AWS"
        }
    }
}

/// Asks AWS for all that is not in the store yet. Refusals and failures of calls are kept there too, as what the answers lack.
///
/// # Errors
/// [`LiveError`] where no account can be asked, or answers cannot be kept.
pub fn ask(
    sources: &Sources,
    store: &AnswerStore,
    run_time: Timestamp,
    on_progress: impl Fn(Asked),
) -> Result<Asked, LiveError> {
    let counters = Counters::default();
    go(sources, store, run_time, &counters, on_progress)?;
    Ok(counters.now())
}

/// Asks AWS for the accounts and for whom and what they have, and counts what a collection would ask besides. The store is for
/// the plan alone.
///
/// # Errors
/// [`LiveError`] where no account can be asked, or answers cannot be kept.
pub fn plan(
    sources: &Sources,
    store: &AnswerStore,
    run_time: Timestamp,
    on_progress: impl Fn(Asked),
) -> Result<Plan, LiveError> {
    let counters = Counters {
        planner: Some(Planner::default()),
        ..Counters::default()
    };
    go(sources, store, run_time, &counters, on_progress)?;
    let refusals = read::read(store)?
        .into_iter()
        .flat_map(|outcome| outcome.gaps)
        .map(|gap| format!("`{}` {}", gap.gap.source, gap.gap.reason))
        .collect();
    let planner = counters.planner.unwrap_or_default();
    Ok(planner.plan(accounts::ACCOUNTS_AT_A_TIME, refusals))
}

fn go(
    sources: &Sources,
    store: &AnswerStore,
    run_time: Timestamp,
    counters: &Counters,
    on_progress: impl Fn(Asked),
) -> Result<(), LiveError> {
    let runtime = leastgrant_aws::runtime()?;
    runtime.block_on(async {
        let mut asking = Box::pin(accounts::collect(sources, store, run_time, counters));
        loop {
            match tokio::time::timeout(PROGRESS_EVERY, &mut asking).await {
                Ok(asked) => return asked,
                Err(_) => on_progress(counters.now()),
            }
        }
    })
}

/// Reads the answers of a store into a dataset. Refused and failed calls become gaps of the manifest.
///
/// # Errors
/// [`LiveError::Store`], or [`Error::NothingUsable`] if no call was answered.
pub fn from_answers(store: &AnswerStore, options: &Options) -> Result<Collected, LiveError> {
    let outcomes = read::read(store)?;
    let mut collected = crate::collected(outcomes, Vec::new(), options)?;
    for gap in &mut collected.manifest.gaps {
        // What AWS says is left as it is.
        if gap.error_code.is_none() {
            gap.reason = without_files(&gap.reason);
        }
    }
    Ok(collected)
}

/// What is to be done about an answer, where the readers of files say what is to be done about a file.
fn without_files(reason: &str) -> String {
    let is_of_files = |advice: &str| {
        let words = ["export ", "run the script", "from the bundle"];
        words.iter().any(|word| advice.contains(word))
    };
    match reason.rsplit_once("; ") {
        Some((what, advice)) if is_of_files(advice) => {
            format!("{what}; collect again with `--resume`")
        }
        _ => reason.to_owned(),
    }
}

/// What tells a collection from others beside its options: where calls go by the environment and the profiles. A run that goes on is to go to
/// the same place.
///
/// # Errors
/// [`LiveError::Runtime`].
pub fn places(sources: &Sources) -> Result<Vec<String>, LiveError> {
    let runtime = leastgrant_aws::runtime()?;
    let mut places = Vec::new();
    for connection in &sources.connections {
        places.extend(runtime.block_on(connection.place()));
    }
    Ok(places)
}
