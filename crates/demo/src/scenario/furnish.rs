//! Furnishes principals with the policies that their calls need and with others besides.

use super::desk::Desk;
use crate::model::{Common, InlinePolicy, Role, Rule, User};
use crate::names;
use crate::policy::Statement;
use crate::policy::themes::THEMES;

/// IAM's quota for all inline policies of a user, in characters without white space.
const USER_CHARACTERS: usize = 2_048;

/// What the inline policies of a role take at most. IAM's quota is 10,240.
const ROLE_CHARACTERS: usize = 3_900;

/// The most inline policies of a user.
const MOST_OF_USER: usize = 3;

/// The most inline policies of a role.
const MOST_OF_ROLE: usize = 4;

/// The characters of a document around its statements.
const AROUND_STATEMENTS: usize = 50;

/// Gives a user its inline policies.
pub(super) fn user(user: &mut User, desk: &mut Desk<'_>) {
    furnish(&mut user.common, desk, USER_CHARACTERS, MOST_OF_USER);
    if user.common.inline.is_empty() && user.common.attached.is_empty() {
        user.common.nearly(&[Rule::DirectUserPolicy]);
    } else {
        user.common.expect(Rule::DirectUserPolicy);
    }
}

/// Gives a role its inline policies.
pub(super) fn role(role: &mut Role, desk: &mut Desk<'_>) {
    furnish(&mut role.common, desk, ROLE_CHARACTERS, MOST_OF_ROLE);
    if role.permission_set.is_some() {
        // The name that Identity Center gives to a permission set's own policy.
        for policy in &mut role.common.inline {
            "AwsSSOInlinePolicy".clone_into(&mut policy.name);
        }
    }
}

fn furnish(common: &mut Common, desk: &mut Desk<'_>, characters: usize, policies: usize) {
    let mut left = characters;
    if !common.grants.is_empty() {
        let statements = common.grants.clone();
        left = left.saturating_sub(AROUND_STATEMENTS);
        for statement in &statements {
            left = left.saturating_sub(cost(statement, common));
        }
        let name = format!("{}-work", common.place.app);
        let lone = desk.rng.u8(0..4) == 0;
        push(common, name, statements, lone);
    }
    if common.policies_are_final {
        return;
    }
    let mut themes: Vec<_> = THEMES.iter().collect();
    desk.rng.shuffle(&mut themes);
    let app = names::application(desk.position);
    let further = policies.saturating_sub(common.inline.len());
    for theme in themes.into_iter().take(further) {
        let Some(mut room) = left.checked_sub(AROUND_STATEMENTS) else {
            return;
        };
        let mut order: Vec<_> = theme.statements.to_vec();
        desk.rng.shuffle(&mut order);
        let mut statements = Vec::new();
        for statement in order {
            if let Some(rest) = room.checked_sub(cost(statement, common)) {
                room = rest;
                statements.push(statement);
            }
        }
        if !statements.is_empty() {
            left = room;
            let lone = desk.rng.u8(0..4) == 0;
            push(common, format!("{app}-{}", theme.name), statements, lone);
        }
    }
}

/// The characters of a statement and the comma after it.
fn cost(statement: &Statement, common: &Common) -> usize {
    statement.characters(&common.place).saturating_add(1)
}

fn push(common: &mut Common, name: String, statements: Vec<&'static Statement>, lone: bool) {
    common.inline.push(InlinePolicy {
        name,
        version: common.policy_version,
        statements,
        lone,
    });
}
