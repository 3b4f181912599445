//! Collection from AWS itself, for `collect` and `run`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use leastgrant_collect::live::{self, AnswerStore, Asked, LiveError, RoleInAccounts, Sources};
use leastgrant_collect::{Collected, Options};
use leastgrant_inventory::{counted, is_account};

use super::collect::now;
use super::connection::ConnectionArguments;
use super::policy::{expect_each_key_once, parse_external_id, parse_role_name, parse_tag};
use crate::arguments::GlobalArguments;
use crate::printer::Printer;
use crate::progress::Progress;

/// The role that an organisation makes in each account that it creates (AWS Organizations User Guide).
pub(super) const ROLE_OF_ORGANIZATIONS: &str = "OrganizationAccountAccessRole";

/// Which accounts are asked, and as whom.
#[derive(Debug, Args)]
#[command(next_help_heading = "AWS options")]
pub(crate) struct LiveArguments {
    /// Collect all accounts of the organization, by a role in each
    #[arg(long)]
    pub(super) org: bool,
    /// The role to assume in each account, with its path if it has one
    #[arg(long, value_name = "ROLE", requires = "org", default_value = ROLE_OF_ORGANIZATIONS, value_parser = parse_role_name)]
    role_name: String,
    /// The external id that the role's trust policy asks for
    #[arg(long, value_name = "ID", requires = "org", value_parser = parse_external_id)]
    external_id: Option<String>,
    /// The name of the sessions, by which CloudTrail shows them
    #[arg(long, value_name = "NAME", requires = "org", default_value = "leastgrant", value_parser = parse_session_name)]
    session_name: String,
    /// Tags of the sessions
    #[arg(long, value_name = "KEY=VALUE", requires = "org", num_args = 1.., value_parser = parse_tag)]
    session_tag: Vec<(String, String)>,
    /// Only these accounts
    #[arg(long, value_name = "ACCOUNT", num_args = 1.., value_parser = parse_account)]
    account: Vec<String>,
    /// Collect the policies of buckets, keys, topics, queues, functions and their aliases (not their versions), secrets and repositories too,
    /// of all Regions that the account has enabled
    #[arg(long)]
    resource_policies: bool,
    /// Go on from an interrupted or incomplete collection to the same folder: only what is missing is asked
    #[arg(long)]
    resume: bool,
    /// Print the calls that would be made and about how long they take; only accounts and principals are listed
    #[arg(long, conflicts_with = "resume")]
    pub(super) plan: bool,
}

/// What was collected, and the answers that it was made from.
pub(super) struct LiveCollection {
    pub(super) collected: Collected,
    store: AnswerStore,
}

impl LiveArguments {
    /// The first option that only a collection from AWS has, if one is given.
    fn given(&self) -> Option<&'static str> {
        [
            (self.org, "--org"),
            (!self.account.is_empty(), "--account"),
            (self.resource_policies, "--resource-policies"),
            (self.resume, "--resume"),
            (self.plan, "--plan"),
        ]
        .into_iter()
        .find_map(|(is_given, name)| is_given.then_some(name))
    }

    /// Refuses options of AWS beside files.
    pub(super) fn expect_none(&self) -> anyhow::Result<()> {
        match self.given() {
            Some(name) => {
                bail!("`{name}` is for a collection from AWS: leave out `--from` and `--demo`")
            }
            None => Ok(()),
        }
    }

    pub(super) fn sources(&self, connection: &ConnectionArguments) -> anyhow::Result<Sources> {
        expect_each_key_once(&self.session_tag)?;
        Ok(Sources {
            connections: connection.connections()?,
            organization: self.org.then(|| RoleInAccounts {
                role_name: self.role_name.clone(),
                external_id: self.external_id.clone(),
                session_name: self.session_name.clone(),
                session_tags: self.session_tag.clone(),
            }),
            only: self.account.iter().cloned().collect::<BTreeSet<_>>(),
            resource_policies: self.resource_policies,
        })
    }

    fn recorded(&self) -> Vec<String> {
        let mut recorded = Vec::new();
        if self.org {
            recorded.extend(["--org", "--role-name", &self.role_name].map(str::to_owned));
        }
        for account in &self.account {
            recorded.extend(["--account", account].map(str::to_owned));
        }
        if self.resource_policies {
            recorded.push("--resource-policies".to_owned());
        }
        recorded
    }

    /// Asks AWS. What is answered is kept beside the output until all of it is there.
    pub(super) fn collect(
        &self,
        connection: &ConnectionArguments,
        out: &Path,
        global: &GlobalArguments,
        progress: &Progress,
        printer: &Printer,
    ) -> anyhow::Result<LiveCollection> {
        let folder = answers_folder(out)?;
        let sources = self.sources(connection)?;
        let mut arguments = connection.recorded();
        arguments.extend(self.recorded());
        let mut place = arguments.clone();
        place.extend(live::places(&sources)?);
        let store = if self.resume {
            let store = AnswerStore::resume(&folder, &place)?;
            let date = store.began_at().strftime("%Y-%m-%d");
            printer.note(&format!("goes on from answers of {date}"));
            store
        } else {
            AnswerStore::begin(&folder, &place)?
        };
        progress.phase("asking AWS");
        let run_time = now();
        let asked = live::ask(&sources, &store, run_time, |asked| progress.asked(&asked));
        let Asked { calls, .. } = match asked {
            Err(error @ LiveError::NoAccount { .. }) => {
                // Nothing was answered that could be gone on from.
                store.give_up()?;
                return Err(error.into());
            }
            asked => asked?,
        };
        printer.detail(&format!("made {}", counted_calls(calls)));
        progress.phase("reading answers");
        if let Some(as_of) = global.as_of {
            arguments.extend(["--as-of".to_owned(), as_of.to_string()]);
        }
        let options = Options {
            from: Vec::new(),
            as_of: global.as_of,
            run_time,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            arguments,
        };
        let collected = live::from_answers(&store, &options)?;
        Ok(LiveCollection { collected, store })
    }
}

fn counted_calls(calls: u64) -> String {
    counted(calls, "call")
}

impl LiveCollection {
    /// Parts what is written from what is done when it is.
    pub(super) fn split(self) -> (Collected, AnswerStore) {
        (self.collected, self.store)
    }
}

/// Once the output is in place: removes the answers if they are all there, else says what they are good for.
pub(super) fn finish(store: AnswerStore, has_gaps: bool, printer: &Printer) {
    if has_gaps {
        printer.note(&format!(
            "the answers are kept in `{}`; the same command with `--resume` asks only for what is missing",
            store.folder().display()
        ));
    } else if let Err(error) = store.remove() {
        printer.note(&format!("cannot remove the kept answers: {error}"));
    }
}

/// Beside the output, so that what goes on with an output finds its answers.
fn answers_folder(out: &Path) -> anyhow::Result<PathBuf> {
    let out = std::path::absolute(out)?;
    let name = out
        .file_name()
        .with_context(|| format!("`{}` names no folder", out.display()))?
        .to_string_lossy()
        .into_owned();
    let parent = out.parent().unwrap_or(Path::new("."));
    Ok(parent.join(format!(".{name}.leastgrant-answers")))
}

fn parse_account(text: &str) -> Result<String, &'static str> {
    if is_account(text) {
        Ok(text.to_owned())
    } else {
        Err("an account has twelve digits")
    }
}

/// As STS takes it: 2 to 64 letters, digits and `=,.@_-` (STS API Reference, `AssumeRole`).
fn parse_session_name(text: &str) -> Result<String, &'static str> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"=,.@_-".contains(&byte);
    if (2..=64).contains(&text.len()) && text.bytes().all(is_allowed) {
        Ok(text.to_owned())
    } else {
        Err("2 to 64 letters, digits and `=,.@_-` were expected")
    }
}
