//! Users whose names, paths and tags are a trial for whatever prints them.
//!
//! Each of them has something to be found, so that its name reaches every output.

use super::desk::{Desk, own};
use super::{UserScenario, user};
use crate::calls;
use crate::model::{Rhythm, Rule, User};
use crate::ownership::{self, Ownership};

pub(super) static SCENARIOS: &[UserScenario] = &[
    user("name-like-a-formula", 0, |desk| {
        named(desk, "=HYPERLINK+x@y", "/")
    }),
    user("name-with-a-comma", 0, |desk| named(desk, "dave,ops", "/")),
    user("name-like-a-sum", 0, |desk| named(desk, "+SUM.A1-A9", "/")),
    user("name-like-a-mention", 0, |desk| {
        named(desk, "@everyone", "/")
    }),
    user("name-like-a-flag", 0, |desk| named(desk, "--help", "/")),
    user("name-like-a-parent-folder", 0, |desk| {
        named(desk, "..", "/")
    }),
    user("name-like-an-address", 0, |desk| {
        named(desk, "eve+oncall@example.com", "/")
    }),
    user("name-in-capitals", 0, |desk| named(desk, "Zoe_LEGACY", "/")),
    user("path-of-a-team", 0, |desk| {
        named(desk, "in-team-a", "/team/a/")
    }),
    user("path-of-another-team", 0, |desk| {
        named(desk, "in-team-b", "/team/b/contractors/")
    }),
    user("tags-of-html", 0, |desk| tagged(desk, &ownership::HTML)),
    user("tags-of-markdown", 0, |desk| {
        tagged(desk, &ownership::MARKDOWN)
    }),
    user("tags-of-terminal-escapes", 0, |desk| {
        tagged(desk, &ownership::TERMINAL)
    }),
    user("tags-of-paths", 0, |desk| tagged(desk, &ownership::PATH)),
    user("tags-of-formulas", 0, |desk| {
        tagged(desk, &ownership::FORMULA)
    }),
    user("tags-in-capitals", 0, |desk| {
        tagged(desk, &ownership::SHOUTING)
    }),
];

/// An active key, old and long unused.
fn old_key(user: &mut User, desk: &mut Desk<'_>) {
    let key = user.give_key(desk.ago(300, 500));
    user.call(
        key,
        &calls::DESCRIBE_TABLE,
        Rhythm::Once,
        desk.ago(100, 290),
    );
    user.expect(Rule::StaleUser);
    user.expect_of_key(Rule::UnusedAccessKey, key);
    user.expect_of_key(Rule::UnrotatedAccessKey, key);
}

fn named(desk: &mut Desk<'_>, name: &str, path: &str) -> User {
    let created = desk.ago(600, 900);
    let mut user = desk.user(name.to_owned(), path, created);
    old_key(&mut user, desk);
    user
}

fn tagged(desk: &mut Desk<'_>, ownership: &Ownership) -> User {
    let created = desk.ago(600, 900);
    let mut user = desk.person(created);
    own(&mut user.common, ownership);
    // Log fields are written by whoever calls, too.
    user.common.user_agent = "<img src=x onerror=alert(1)> \u{1b}[31m =1+1 | `code`";
    old_key(&mut user, desk);
    user
}
