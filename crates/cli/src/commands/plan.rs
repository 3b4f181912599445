//! `--plan`: the calls that a collection from AWS would make, and about how long they take.

use std::fmt::Write as _;
use std::time::Duration;

use leastgrant_collect::live::{self, AnswerStore, Bound, CALLS_A_SECOND, Plan};
use leastgrant_inventory::counted;

use super::collect::now;
use super::connection::ConnectionArguments;
use super::live::LiveArguments;
use crate::exit::Outcome;
use crate::printer::Printer;
use crate::progress::Progress;

const SECONDS_OF_A_MINUTE: u64 = 60;
const MINUTES_OF_AN_HOUR: u64 = 60;

/// Asks for accounts and principals, and prints what a collection would ask.
pub(super) fn run(
    arguments: &LiveArguments,
    connection: &ConnectionArguments,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let sources = arguments.sources(connection)?;
    let folder = tempfile::tempdir()?;
    let store = AnswerStore::begin(&folder.path().join("answers"), &[])?;
    let progress = Progress::new(printer, "asking AWS");
    let plan = live::plan(&sources, &store, now(), |asked| progress.asked(&asked))?;
    drop(progress);
    printer.data(&text(&plan))?;
    for refusal in &plan.refusals {
        printer.note(&format!("the plan lacks what was refused: {refusal}"));
    }
    Ok(if plan.refusals.is_empty() {
        Outcome::Done
    } else {
        Outcome::Incomplete
    })
}

fn text(plan: &Plan) -> String {
    let width = plan.calls.iter().map(|call| call.call.len()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for call in &plan.calls {
        let bound = match call.bound {
            Bound::Exactly => "",
            Bound::AtMost => "at most ",
            Bound::AtLeast => "at least ",
        };
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{:width$}  {bound}{}", call.call, call.count);
    }
    let sum = |is_limit: bool| {
        let calls = plan.calls.iter();
        let calls = calls.filter(|call| (call.bound == Bound::AtMost) == is_limit);
        let sum: u64 = calls.map(|call| call.count).sum();
        usize::try_from(sum).unwrap_or(usize::MAX)
    };
    let _ = writeln!(
        text,
        "\nat least {} in {} and at most {} more of those with a limit, about {} at {CALLS_A_SECOND} calls a second for each account (an estimate: AWS publishes no rates of IAM's)",
        counted(sum(false), "call"),
        counted(plan.accounts, "account"),
        sum(true),
        in_words(plan.duration),
    );
    text.push_str(
        "a user whom the credential report lacks costs one `iam:GetLoginProfile` more, as does each user without a report\n",
    );
    text
}

fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let minutes = seconds.div_ceil(SECONDS_OF_A_MINUTE);
    if minutes <= 1 {
        return format!("{seconds} s");
    }
    let hours = minutes / MINUTES_OF_AN_HOUR;
    if hours == 0 {
        return format!("{minutes} min");
    }
    format!("{hours} h {} min", minutes % MINUTES_OF_AN_HOUR)
}
