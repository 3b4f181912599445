//! `demo`: a made-up organisation as an offline bundle.

use std::path::PathBuf;

use clap::Args;
use leastgrant_demo::Options;
use leastgrant_inventory::{FolderKind, OutputFolder, counted};

use crate::exit::Outcome;
use crate::printer::Printer;
use crate::progress::Progress;

/// Write a made-up organisation as an offline bundle
///
/// Users, roles, groups, policies and keys of all ages, a year of CloudTrail files, and `truth.json` with the findings that
/// are there. The same options write the same bytes.
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// The folder to write the bundle to
    #[arg(long, value_name = "BUNDLE")]
    out: PathBuf,
    /// Another number, another organisation
    #[arg(long, value_name = "N", default_value_t = Options::default().seed)]
    seed: u64,
    /// How many accounts
    #[arg(long, value_name = "N", default_value_t = Options::default().accounts, value_parser = at_least_one)]
    accounts: usize,
    /// How many users and roles in all accounts together
    #[arg(long, value_name = "N", default_value_t = Options::default().principals)]
    principals: usize,
    /// How many days of CloudTrail files; 0 for none
    #[arg(long, value_name = "N", default_value_t = Options::default().days)]
    days: u32,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a number from 1 on was expected".to_owned()),
        Ok(number) => Ok(number),
    }
}

pub(super) fn run(arguments: &DemoArguments, printer: &Printer) -> anyhow::Result<Outcome> {
    let folder = OutputFolder::create(&arguments.out, FolderKind::Demo)?;
    let options = Options {
        seed: arguments.seed,
        accounts: arguments.accounts,
        principals: arguments.principals,
        days: arguments.days,
        cloudtrail: arguments.days > 0,
    };
    let progress = Progress::new(printer, "making up an organisation");
    let summary = leastgrant_demo::write(&options, folder.path())?;
    folder.commit()?;
    drop(progress);
    printer.note(&format!(
        "wrote `{}`: {}, {}, {}, {} CloudTrail events; `truth.json` has its {}",
        arguments.out.display(),
        counted(summary.accounts, "account"),
        counted(summary.users, "user"),
        counted(summary.roles, "role"),
        summary.cloudtrail_events,
        counted(summary.findings, "finding"),
    ));
    Ok(Outcome::Done)
}
