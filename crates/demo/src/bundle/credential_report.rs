//! `credential-report.csv`: 22 columns, the root row first, no newline at the end.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::Folder;
use crate::Error;
use crate::model::{Account, LastUse, PasswordPolicy, ServiceCredential, User};
use crate::moment::{DAY, Moment};

/// The header line.
pub(crate) const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,\
password_last_changed,password_next_rotation,mfa_active,access_key_1_active,\
access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,\
access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,\
cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

/// Not there, or never.
const NONE: &str = "N/A";
/// The password was never used, or only before there were records.
const NO_INFORMATION: &str = "no_information";
/// The root user has no such thing.
const NOT_SUPPORTED: &str = "not_supported";

/// A row before it is joined by commas.
struct Row<'a> {
    user: &'a str,
    arn: &'a str,
    created: Moment,
    password: [Cow<'static, str>; 4],
    mfa: bool,
    keys: [Option<KeyCells>; 2],
    certificate: Option<(bool, Moment)>,
}

/// The cells of an access key that exists.
#[derive(Clone, Copy)]
struct KeyCells {
    active: bool,
    created: Moment,
    last_used: Option<LastUse>,
}

/// Writes the report.
pub(super) fn write(account: &Account, folder: &Folder) -> Result<(), Error> {
    let mut users: Vec<_> = account
        .users
        .iter()
        .map(|user| (user.name.to_lowercase(), user))
        .collect();
    users.sort_by(|one, other| one.0.cmp(&other.0));

    let mut report = String::with_capacity(users.len().saturating_mul(400));
    report.push_str(HEADER);
    push_row(&mut report, &root_row(account, &account.root_arn()));
    for (_, user) in users {
        push_row(&mut report, &user_row(user, account.password_policy));
    }
    let path = format!("{}/credential-report.csv", account.id);
    folder.write_bytes(&path, report.as_bytes())
}

fn root_row<'a>(account: &Account, arn: &'a str) -> Row<'a> {
    let root = &account.root;
    let last_used = match root.password_last_used {
        Some(at) => Cow::Owned(at.with_offset()),
        None if root.password_enabled == "false" => Cow::Borrowed(NONE),
        None => Cow::Borrowed(NO_INFORMATION),
    };
    let mut keys = root.keys.iter().map(|key| KeyCells {
        active: key.active,
        created: key.created,
        last_used: key.last_used,
    });
    Row {
        user: "<root_account>",
        arn,
        created: root.created,
        password: [
            Cow::Borrowed(root.password_enabled),
            last_used,
            Cow::Borrowed(NOT_SUPPORTED),
            Cow::Borrowed(NOT_SUPPORTED),
        ],
        mfa: root.mfa,
        keys: [keys.next(), keys.next()],
        certificate: None,
    }
}

fn user_row(user: &User, policy: Option<PasswordPolicy>) -> Row<'_> {
    let password = match user.password {
        None => [
            Cow::Borrowed("false"),
            Cow::Borrowed(NONE),
            Cow::Borrowed(NONE),
            Cow::Borrowed(NONE),
        ],
        Some(password) => [
            Cow::Borrowed("true"),
            password
                .last_used
                .map_or(Cow::Borrowed(NO_INFORMATION), |at| {
                    Cow::Owned(at.with_offset())
                }),
            Cow::Owned(password.changed.with_offset()),
            policy.and_then(|policy| policy.maximum_age_in_days).map_or(
                Cow::Borrowed(NONE),
                |days| {
                    let due = password.changed.later(days.saturating_mul(DAY));
                    Cow::Owned(due.with_offset())
                },
            ),
        ],
    };
    let mut keys = user.keys.iter().map(|key| KeyCells {
        active: key.active,
        created: key.created,
        last_used: key.last_used,
    });
    let certificate = match user.service_credential {
        Some(ServiceCredential::SigningCertificate {
            active, uploaded, ..
        }) => Some((active, uploaded)),
        _ => None,
    };
    Row {
        user: &user.name,
        arn: &user.arn,
        created: user.common.created,
        password,
        mfa: user.mfa,
        keys: [keys.next(), keys.next()],
        certificate,
    }
}

/// Adds a line break and a row. Writing to a string cannot fail, so those results are dropped.
fn push_row(report: &mut String, row: &Row<'_>) {
    report.push('\n');
    push_cell(report, row.user);
    report.push(',');
    push_cell(report, row.arn);
    let _ = write!(report, ",{}", row.created.with_offset());
    for cell in &row.password {
        let _ = write!(report, ",{cell}");
    }
    let _ = write!(report, ",{}", row.mfa);
    for key in &row.keys {
        push_key(report, *key);
    }
    match row.certificate {
        Some((active, uploaded)) => {
            let _ = write!(report, ",{active},{}", uploaded.with_offset());
        }
        None => {
            let _ = write!(report, ",false,{NONE}");
        }
    }
    let _ = write!(report, ",false,{NONE}");
}

/// An inactive key and no key are both `false`; only the date tells them apart.
fn push_key(report: &mut String, key: Option<KeyCells>) {
    let Some(key) = key else {
        let _ = write!(report, ",false,{NONE},{NONE},{NONE},{NONE}");
        return;
    };
    let _ = write!(report, ",{},{}", key.active, key.created.with_offset());
    match key.last_used {
        Some(used) => {
            let at = used.at.with_offset();
            let _ = write!(report, ",{at},{},{}", used.region, used.service);
        }
        None => {
            let _ = write!(report, ",{NONE},{NONE},{NONE}");
        }
    }
}

/// Adds a cell, in quotes where it needs them.
fn push_cell(report: &mut String, cell: &str) {
    if cell.contains([',', '"', '\n', '\r']) {
        let _ = write!(report, "\"{}\"", cell.replace('"', "\"\""));
    } else {
        report.push_str(cell);
    }
}
