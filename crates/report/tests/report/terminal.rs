//! The table fits the width that it has.

use insta::assert_snapshot;
use leastgrant_report::table::{self, Terminal};
use leastgrant_report::{gate_text, github};

use crate::outcomes::{empty, hostile, passing_gate, plain, plain_gate};

fn in_color() -> Terminal {
    Terminal {
        width: None,
        color: true,
    }
}

fn at(width: usize) -> Terminal {
    Terminal {
        width: Some(width),
        color: false,
    }
}

#[test]
fn narrow() {
    assert_snapshot!(table::render(&plain(), at(80)));
}

#[test]
fn wide() {
    assert_snapshot!(table::render(&plain(), at(160)));
}

#[test]
fn one_account_needs_no_column() {
    let mut outcome = plain();
    outcome.accounts.truncate(1);
    let account = outcome.accounts[0].clone();
    outcome
        .findings
        .retain(|finding| finding.account_id == account);
    assert_snapshot!(table::render(&outcome, at(140)));
}

#[test]
fn every_line_fits() {
    for outcome in [plain(), hostile()] {
        for width in [40, 60, 80, 100, 120, 129, 130, 131, 160, 240] {
            let text = table::render(&outcome, at(width));
            for line in text.lines() {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
    }
}

#[test]
fn colors_change_nothing_else() {
    let plain_text = table::render(&plain(), at(120));
    let colored = table::render(
        &plain(),
        Terminal {
            width: Some(120),
            color: true,
        },
    );
    assert!(
        colored.contains(" \u{1b}[1;31mcritical\u{1b}[0m "),
        "{colored}"
    );
    assert_eq!(without_colors(&colored), plain_text);
    let gate = plain_gate();
    assert_eq!(
        without_colors(&gate_text::render(&gate, in_color())),
        gate_text::render(&gate, Terminal::default())
    );
}

fn without_colors(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').unwrap().1);
    }
    plain
}

#[test]
fn summaries() {
    assert_snapshot!(table::summary(&plain()), @"
    9 findings: 1 critical, 3 high, 3 medium, 2 low in 2 accounts; 1 exempted
    not checked: weak-password-policy in 111122223333: the bundle has no password policy of this account
    not checked: stale-role in 444455556666: the bundle has no authorization details of this account
    ");
    assert_snapshot!(table::summary(&empty()), @"no findings in 1 account");
    assert_eq!(table::render(&empty(), at(80)), "");
}

#[test]
fn a_listing_is_any_table() {
    let rows = vec![
        vec![
            "root-access-key".to_owned(),
            "the root user has an access key".to_owned(),
        ],
        vec![
            "stale-role".to_owned(),
            "a role was not used for longer than the limit".to_owned(),
        ],
    ];
    assert_snapshot!(table::listing(&["rule", "reports"], &rows, Some(60)), @"
    ────────────────────────────────────────────────────────────
     rule              reports
    ════════════════════════════════════════════════════════════
     root-access-key   the root user has an access key
     stale-role        a role was not used for longer than the
                       limit
    ────────────────────────────────────────────────────────────
    ");
}

#[test]
fn a_gate_that_passes() {
    assert_snapshot!(gate_text::render(&passing_gate(), Terminal::default()), @"
    gate passes: nothing exceeds a limit
    limits: access keys at most 90 days old; nothing unused for more than 90 days; no finding of severity critical or worse
    as of:  2026-01-31T08:00:00Z
    ");
    assert_snapshot!(github::render(&passing_gate()), @"::notice title=gate passes::nothing exceeds a limit");
}
