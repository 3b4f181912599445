//! What the logs of an inventory can show, in a few short lines for each account.

use leastgrant_evidence::{Evidence, Options};
use leastgrant_inventory::{Inventory, counted};
use leastgrant_report::permission_use::LoggedAccount;
use leastgrant_report::text::terminal_safe;

use crate::permission_use::logged_accounts;
use crate::printer::Printer;

/// More accounts than these are only counted.
const SHOWN: usize = 5;

/// As many columns as terminals have that nobody made wider.
const COLUMNS: usize = 80;

/// Says what the logs of an inventory can show.
pub(super) fn say_coverage_of(inventory: &Inventory, printer: &Printer) -> anyhow::Result<()> {
    let evidence = Evidence::load(inventory, Options::default())?;
    say_coverage(&logged_accounts(&evidence, &inventory.read()?), printer);
    Ok(())
}

/// Says for each account which time and Regions its logs are of, and of how many actions they can tell that one was not used;
/// with `--verbose`, why not of the others.
pub(crate) fn say_coverage(accounts: &[LoggedAccount], printer: &Printer) {
    for account in accounts.iter().take(SHOWN) {
        // Names of Regions and files are other people's, and none begins a new line.
        let say = |line: &str| printer.note(&terminal_safe(line));
        let detail = |line: &str| printer.detail(&terminal_safe(line));
        let regions = account.regions.join(", ");
        let line = format!("{}, {regions}", time_of(account));
        if line.chars().count() <= COLUMNS {
            say(&line);
        } else {
            let number = counted(account.regions.len(), "Region");
            say(&format!("{}, {number}", time_of(account)));
            detail(&format!("  {regions}"));
        }
        say(&told(account));
        if account.shown > 0 && !account.logs_all_regions {
            say("  of other Regions nothing is known: no trail is known that logs them");
        } else if account.shown > 0 {
            say("  a trail logs other Regions too: that their files were read is assumed");
        }
        for (reason, actions) in &account.not_shown {
            detail(&format!("  {}: {reason}", counted(*actions, "action")));
        }
    }
    if accounts.len() > SHOWN {
        let more = accounts.len() - SHOWN;
        printer.note(&format!("and {} with logs", counted(more, "more account")));
    }
}

fn time_of(account: &LoggedAccount) -> String {
    let name = match account.account_id.as_str() {
        "" => "no account",
        account_id => account_id,
    };
    let days = usize::try_from(account.days).unwrap_or_default();
    let day = |time: leastgrant_inventory::Timestamp| -> String {
        time.to_string().chars().take(10).collect()
    };
    format!(
        "logs of {name}: {} to {} ({})",
        day(account.from),
        day(account.to),
        counted(days, "day")
    )
}

/// Of how many actions something can be told. Where it is none, one reason holds for all.
fn told(account: &LoggedAccount) -> String {
    match account.not_shown.first() {
        Some((reason, _)) if account.shown == 0 => {
            format!("  no action can be told to be unused: {reason}")
        }
        _ => {
            let rest: usize = account.not_shown.iter().map(|(_, actions)| actions).sum();
            format!(
                "  of {} of {} actions it can be told that they were not used",
                account.shown,
                account.shown + rest
            )
        }
    }
}
