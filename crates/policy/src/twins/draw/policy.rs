//! Statements, small and alike.

use super::{Bytes, Condition, Scope, Statement};

pub(super) const ACCOUNTS: &[&str] = &["111122223333", "444455556666"];
pub(super) const CALLERS: &[&str] = &[
    "arn:aws:iam::111122223333:user/someone",
    "arn:aws:iam::111122223333:user/x",
    "arn:aws:iam::111122223333:role/x",
    "arn:aws:iam::111122223333:role/p/x",
    "arn:aws:sts::111122223333:assumed-role/x/s",
    "arn:aws:sts::111122223333:assumed-role/someone/session",
    "arn:aws:iam::444455556666:user/x",
    "arn:aws:sts::111122223333:federated-user/x",
    "arn:aws-cn:iam::111122223333:user/x",
];
pub(super) const OTHER_CALLERS: &[&str] = &["*", "ec2.amazonaws.com", "accounts.google.com"];
const SETS: &[&str] = &["", "", "", "ForAllValues:", "ForAnyValue:"];

/// Keys, the family of their values, and whether requests may have several values.
pub(super) const KEYS: &[(&str, Family)] = &[
    ("k", Family::Text),
    ("l", Family::Text),
    ("n", Family::Number),
    ("d", Family::Date),
    ("i", Family::Address),
    ("r", Family::Arn),
    ("b", Family::Bool),
    ("aws:TagKeys", Family::Text),
    ("aws:username", Family::Text),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Text,
    Number,
    Date,
    Address,
    Arn,
    Bool,
}

impl Family {
    fn operators(self) -> &'static [&'static str] {
        match self {
            Self::Text => &[
                "StringEquals",
                "StringNotEquals",
                "StringLike",
                "StringNotLike",
                "StringEqualsIgnoreCase",
                "StringNotEqualsIgnoreCase",
                "BinaryEquals",
            ],
            Self::Number => &[
                "NumericEquals",
                "NumericNotEquals",
                "NumericLessThan",
                "NumericLessThanEquals",
                "NumericGreaterThan",
                "NumericGreaterThanEquals",
            ],
            Self::Date => &[
                "DateEquals",
                "DateNotEquals",
                "DateLessThan",
                "DateLessThanEquals",
                "DateGreaterThan",
                "DateGreaterThanEquals",
            ],
            Self::Address => &["IpAddress", "NotIpAddress"],
            Self::Arn => &["ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"],
            Self::Bool => &["Bool"],
        }
    }

    /// Values that both policies and requests hold.
    pub(super) fn plain(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["a", "b", "A", "ab", "", "\u{df}", "\u{212a}", "k", "1"],
            Self::Number => &[
                "1",
                "2",
                "1.0",
                "-1",
                "1.5",
                "x",
                "999999999999999999999999",
            ],
            Self::Date => &[
                "2026-01-01T00:00:00Z",
                "2026-01-02T00:00:00Z",
                "1767225600",
                "2026-01-01T00:00:01Z",
                "x",
            ],
            Self::Address => &[
                "10.0.0.1",
                "10.0.0.255",
                "0.0.0.0",
                "::1",
                "255.255.255.255",
                "x",
            ],
            Self::Arn => &[
                "arn:aws:s3:::a",
                "arn:aws:s3:::a/b",
                "arn:aws:s3:r:1:a:b",
                "arn:aws:s4:::a",
                "a",
            ],
            Self::Bool => &["true", "false", "True", "x"],
        }
    }

    /// Values that only policies hold.
    fn wild(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["*", "a*", "?", "*b", "a?", "${*}", "*a*"],
            Self::Address => &[
                "10.0.0.0/24",
                "0.0.0.0/0",
                "::/0",
                "10.0.0.0/25",
                "10.0.0.128/25",
            ],
            Self::Arn => &[
                "*",
                "arn:aws:s3:::*",
                "arn:*:s3:::a?b",
                "arn:aws:*:*:*:a*",
                "arn:aws:s3",
            ],
            Self::Number | Self::Date | Self::Bool => self.plain(),
        }
    }
}

const VARIABLES: &[&str] = &["${aws:username}", "${k}", "${k, 'a'}", "${l}"];

impl Statement {
    pub(crate) fn draw(bytes: &mut Bytes<'_>, scope: Scope) -> Self {
        let is_allow = !bytes.chance(5);
        let actions = 1 + bytes.below(2);
        let actions = (0..actions).map(|_| action_pattern(bytes)).collect();
        let not_action = bytes.chance(2);
        let count = 1 + bytes.below(3);
        let resources = (0..count).map(|_| resource_pattern(bytes, scope)).collect();
        let not_resource = bytes.chance(3);
        let has_no_resource = bytes.chance(1);
        let mut principals = Vec::new();
        let mut not_principal = false;
        if scope.principals {
            not_principal = bytes.chance(3);
            let count = 1 + bytes.below(3);
            principals.extend((0..count).map(|_| principal(bytes)));
        }
        let mut conditions = Vec::new();
        if scope.conditions {
            let count = bytes.below(4);
            conditions.extend((0..count).map(|_| condition(bytes, scope)));
        }
        Self {
            is_allow,
            not_principal,
            principals,
            not_action,
            actions,
            not_resource,
            resources: (!has_no_resource).then_some(resources),
            conditions,
        }
    }
}
fn action_pattern(bytes: &mut Bytes<'_>) -> String {
    match bytes.below(16) {
        0 => "*".to_owned(),
        1 => bytes
            .pick(&["*:*", "a*", "a:x:y", "a:*:y", "a:", "?:x"])
            .to_owned(),
        2 => bytes
            .pick(&[
                "sts:AssumeRole",
                "sts:getcalleridentity",
                "sts:getcalleridentit?",
                "sts:*",
                "sts:getcalleridentity*x",
                "kms:*",
                "kms:x",
            ])
            .to_owned(),
        _ => {
            let service = bytes.pick(&["a", "b", "a", "A", "?", "*", "a?"]);
            format!("{service}:{}", bytes.text(&["x", "y", "*", "?", "X"], 1, 4))
        }
    }
}

fn resource_pattern(bytes: &mut Bytes<'_>, scope: Scope) -> String {
    let pieces: &[&str] = &["a", "b", "/", "*", "?", "a", "*"];
    match bytes.below(16) {
        0 => "*".to_owned(),
        1 if scope.wide_arns => bytes
            .pick(&[
                "arn:aws:s3",
                "arn:aws:s3:*",
                "arn:*",
                "arn:aws*:s3:::a",
                "arn:aws:s3:*:a",
                "a*",
                "?",
                "**",
                "arn:aws:s3:*:*:a:b",
                "arn:aws:s3:?",
            ])
            .to_owned(),
        2 => bytes
            .pick(&[
                "arn:aws:iam::111122223333:role/a",
                "arn:aws:kms:r:111122223333:key/a",
                "arn:aws:iam::*:role/*",
                "arn:aws:s3:::${*}",
                "arn:aws:s3:::a:b",
            ])
            .to_owned(),
        3 | 4 if scope.wide_arns => {
            let field = |bytes: &mut Bytes<'_>, all: &[&str]| bytes.pick(all).to_owned();
            let partition = field(bytes, &["aws", "aws", "*", "a*"]);
            let service = field(bytes, &["s3", "*", "s?"]);
            let region = field(bytes, &["", "*", "r", "r*", "?"]);
            let account = field(bytes, &["", "*", "1", "1*"]);
            format!(
                "arn:{partition}:{service}:{region}:{account}:{}",
                bytes.text(pieces, 0, 4)
            )
        }
        5..8 if scope.variables => {
            let before = bytes.pick(&["", "a", "a/"]);
            let variable = bytes.pick(VARIABLES);
            format!(
                "arn:aws:s3:::{before}{variable}{}",
                bytes.pick(&["", "*", "b", "?"])
            )
        }
        _ => format!("arn:aws:s3:::{}", bytes.text(pieces, 0, 5)),
    }
}

fn principal(bytes: &mut Bytes<'_>) -> (&'static str, String) {
    match bytes.below(16) {
        0..2 => ("*", "*".to_owned()),
        2 => ("AWS", "*".to_owned()),
        3..5 => ("AWS", bytes.pick(ACCOUNTS).to_owned()),
        5..7 => ("AWS", format!("arn:aws:iam::{}:root", bytes.pick(ACCOUNTS))),
        7 => (
            "Service",
            bytes.pick(&["ec2.amazonaws.com", "*"]).to_owned(),
        ),
        8 => ("Federated", "accounts.google.com".to_owned()),
        9 => bytes
            .pick(&[Member("CanonicalUser", "79a59d"), Member("AWS", "AIDAX")])
            .pair(),
        _ => ("AWS", bytes.pick(CALLERS).to_owned()),
    }
}

#[derive(Clone, Copy, Default)]
struct Member(&'static str, &'static str);

impl Member {
    fn pair(self) -> (&'static str, String) {
        (self.0, self.1.to_owned())
    }
}

fn condition(bytes: &mut Bytes<'_>, scope: Scope) -> Condition {
    let index = bytes.below(KEYS.len() + 3);
    // The first key comes more often than the others.
    let (key, family) = KEYS.get(index).copied().unwrap_or(("k", Family::Text));
    let family = if scope.one_family || !bytes.chance(6) {
        family
    } else {
        let index = bytes.below(KEYS.len());
        KEYS.get(index).map_or(family, |(_, family)| *family)
    };
    if bytes.chance(3) {
        return Condition {
            operator: "Null".to_owned(),
            key,
            values: vec![bytes.pick(&["true", "false", "True"]).to_owned()],
        };
    }
    let set = bytes.pick(SETS);
    let if_exists = if bytes.chance(3) { "IfExists" } else { "" };
    let operator = format!("{set}{}{if_exists}", bytes.pick(family.operators()));
    let count = 1 + bytes.below(2);
    let values = (0..count)
        .map(|_| {
            if scope.variables && matches!(family, Family::Text) && bytes.chance(4) {
                format!("{}{}", bytes.pick(&["", "a", "*"]), bytes.pick(VARIABLES))
            } else if bytes.chance(7) {
                bytes.pick(family.wild()).to_owned()
            } else {
                bytes.pick(family.plain()).to_owned()
            }
        })
        .collect();
    Condition {
        operator,
        key,
        values,
    }
}

/// One to three statements.
pub(crate) fn statements(bytes: &mut Bytes<'_>, scope: Scope) -> Vec<Statement> {
    let count = 1 + bytes.below(3);
    (0..count).map(|_| Statement::draw(bytes, scope)).collect()
}

/// A side that differs little from another one: what was written last changes, goes or comes again.
pub(crate) fn variant(bytes: &mut Bytes<'_>, of: &[Statement], scope: Scope) -> Vec<Statement> {
    let mut statements = of.to_vec();
    for _ in 0..1 + bytes.below(2) {
        let index = bytes.below(statements.len());
        let choice = bytes.below(7);
        let drawn = Statement::draw(bytes, scope);
        let Some(own) = statements.get_mut(index) else {
            continue;
        };
        match choice {
            0 => own.actions = drawn.actions,
            1 => own.resources = drawn.resources,
            2 => own.conditions = drawn.conditions,
            3 => own.principals = drawn.principals,
            4 => own.conditions.extend(drawn.conditions),
            5 => own.is_allow = !own.is_allow,
            _ => statements.push(drawn),
        }
    }
    statements
}
