//! Use of permissions in `report.md` and in owners' lists.

use std::cmp::Reverse;
use std::fmt::Write;

use leastgrant_inventory::{Timestamp, counted};

use super::{FILE, LoggedAccount, PermissionUse, PrincipalUse};
use crate::markdown_text::{code, prose, table_header, table_row};
use crate::text::short_resource;

/// More accounts, Regions, reasons or principals than these are counted only; [`FILE`] has all principals.
const ACCOUNTS: usize = 50;
const REGIONS: usize = 6;
const REASONS: usize = 5;
const PRINCIPALS: usize = 20;
const PRINCIPALS_OF_OWNER: usize = 50;

/// What counts as what, in the words of every page.
const MEANING: &str = "An action is granted if the principal's policies allow it on some resource. It is \
    **used** if an allowed call needed it, **unused** if a call since the principal was made would have been in the files \
    that were read and there was none, and **unknown** if a call could have gone unseen: unknown is not unused.\n\n";

/// The section of `report.md`.
pub(crate) fn section(permission_use: Option<&PermissionUse>) -> String {
    let mut page = String::from("## Use of permissions\n\n");
    let Some(permission_use) = permission_use else {
        page.push_str(
            "The inventory has no CloudTrail logs, so nothing is said of which permissions are used.\n\n",
        );
        return page;
    };
    write_accounts(&mut page, permission_use);
    if permission_use.principals.is_empty() {
        page.push_str("No user or role is granted an action that is known.\n\n");
        return page;
    }
    page.push_str(MEANING);
    let several = permission_use.accounts.len() + permission_use.accounts_without_logs.len() > 1;
    let principals: Vec<&PrincipalUse> = permission_use.principals.iter().collect();
    write_principals(&mut page, principals, PRINCIPALS, several, "");
    page
}

/// The section of an owner's list; nothing if the owner has no principal, or there are no logs.
pub(crate) fn owner_section(permission_use: Option<&PermissionUse>, owner: &str) -> String {
    let mut page = String::new();
    let all = permission_use
        .into_iter()
        .flat_map(|permission_use| &permission_use.principals);
    let own: Vec<&PrincipalUse> = all.filter(|principal| principal.owner == owner).collect();
    if own.is_empty() {
        return page;
    }
    page.push_str("## Use of permissions\n\nNothing to tick off here: what CloudTrail logs show of the permissions of your users and roles.\n\n");
    page.push_str(MEANING);
    let first = own.first().map(|principal| principal.account_id.as_str());
    let several = own
        .iter()
        .any(|principal| Some(principal.account_id.as_str()) != first);
    write_principals(&mut page, own, PRINCIPALS_OF_OWNER, several, "../");
    page
}

fn write_accounts(page: &mut String, permission_use: &PermissionUse) {
    page.push_str(&table_header(&[
        "Account",
        "Time of the logs",
        "From",
        "Regions",
        "Actions whose use would show",
        "Why not of the others",
    ]));
    for account in permission_use.accounts.iter().take(ACCOUNTS) {
        page.push_str(&table_row(&account_cells(account)));
    }
    page.push('\n');
    if let Some(more) = beyond(permission_use.accounts.len(), ACCOUNTS) {
        let _ = writeln!(page, "And {} with logs.\n", counted(more, "more account"));
    }
    let without = &permission_use.accounts_without_logs;
    if !without.is_empty() {
        let names: Vec<String> = without.iter().take(ACCOUNTS).map(|id| code(id)).collect();
        let more = beyond(without.len(), ACCOUNTS)
            .map(|more| format!(" and {more} more"))
            .unwrap_or_default();
        let _ = writeln!(
            page,
            "No logs were read of {}{more}: nothing is known of what is used there.\n",
            names.join(", ")
        );
    }
}

fn account_cells(account: &LoggedAccount) -> [String; 6] {
    let mut regions: Vec<String> = account
        .regions
        .iter()
        .take(REGIONS)
        .map(|region| code(region))
        .collect();
    if let Some(more) = beyond(account.regions.len(), REGIONS) {
        regions.push(format!("{more} more"));
    }
    let mut regions = regions.join(", ");
    if !account.logs_all_regions {
        regions.push_str("<br>**of other Regions nothing is known**");
    } else {
        regions.push_str(
            "<br>a trail logs other Regions too: **that their files were read is assumed**",
        );
    }
    let mut reasons: Vec<String> = account
        .not_shown
        .iter()
        .take(REASONS)
        .map(|(reason, actions)| format!("{actions}: {}", prose(reason)))
        .collect();
    if account.not_shown.len() > REASONS {
        let rest: usize = account
            .not_shown
            .iter()
            .skip(REASONS)
            .map(|(_, actions)| actions)
            .sum();
        reasons.push(format!("{rest}: other reasons"));
    }
    let all: usize = account.not_shown.iter().map(|(_, actions)| actions).sum();
    let engines: Vec<String> = account.engines.iter().map(|engine| code(engine)).collect();
    [
        match account.account_id.as_str() {
            "" => "records without an account".to_owned(),
            account_id => code(account_id),
        },
        format!(
            "{} to {} ({})",
            date(account.from),
            date(account.to),
            counted(account.days, "day")
        ),
        engines.join(", "),
        regions,
        format!("{} of {}", account.shown, account.shown + all),
        reasons.join("<br>"),
    ]
}

/// The principals with the most unused actions, then those with the most granted ones.
fn write_principals(
    page: &mut String,
    mut principals: Vec<&PrincipalUse>,
    limit: usize,
    several_accounts: bool,
    folder: &str,
) {
    principals.sort_by_key(|principal| {
        (
            Reverse(principal.unused),
            Reverse(principal.granted),
            &principal.principal_arn,
        )
    });
    let mut header = Vec::new();
    if several_accounts {
        header.push("Account");
    }
    header.extend([
        "User or role",
        "Granted actions",
        "Used",
        "Unused",
        "Unknown",
        "Services used",
        "Last use",
    ]);
    page.push_str(&table_header(&header));
    for principal in principals.iter().take(limit) {
        let mut cells = Vec::new();
        if several_accounts {
            cells.push(code(&principal.account_id));
        }
        let granted = match principal.has_unknown_policies {
            true => format!("{}; some policies are not known", principal.granted),
            false => principal.granted.to_string(),
        };
        cells.extend([
            code(short_resource(&principal.principal_arn)),
            granted,
            principal.used.to_string(),
            principal.unused.to_string(),
            principal.unknown.to_string(),
            principal.services_used.to_string(),
            principal.last_used_at.map(date).unwrap_or_default(),
        ]);
        page.push_str(&table_row(&cells));
    }
    page.push('\n');
    if let Some(more) = beyond(principals.len(), limit) {
        let _ = writeln!(
            page,
            "And {more} with fewer unused actions, in [`{FILE}`]({folder}{FILE}).\n"
        );
    }
}

/// How many of a number are beyond a limit, if any are.
fn beyond(number: usize, limit: usize) -> Option<usize> {
    number.checked_sub(limit).filter(|more| *more > 0)
}

/// The day of a time in UTC.
fn date(time: Timestamp) -> String {
    time.to_string().chars().take(10).collect()
}
