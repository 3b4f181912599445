//! Readers: one file for each family of calls, and one list of all of them.

pub(crate) mod account;
pub(crate) mod analyzer;
pub(crate) mod authorization_details;
pub(crate) mod credential_report;
pub(crate) mod credentials;
pub(crate) mod groups;
pub(crate) mod identity_center;
pub(crate) mod keys;
pub(crate) mod last_accessed;
pub(crate) mod organization;
pub(crate) mod policies;
pub(crate) mod providers;
pub(crate) mod resource_policies;
pub(crate) mod roles;
pub(crate) mod shapes;
pub(crate) mod trails;
pub(crate) mod users;

use std::sync::Arc;

use leastgrant_inventory::DataKind;

use crate::answer::{Answer, Members};
use crate::facts::{PageTokens, Piece};

/// Something in an answer that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// A JSON pointer inside the answer, or `:LINE` of a CSV file.
    pub place: String,
    /// What is wrong and what to do.
    pub reason: String,
    /// Another kind of data than the answer's that cannot be known for it.
    pub also: Option<DataKind>,
}

impl Problem {
    pub(crate) fn at(place: &str, reason: &str) -> Self {
        Self {
            place: place.to_owned(),
            reason: reason.to_owned(),
            also: None,
        }
    }
}

/// What is wrong in an answer, and the text of its file, of which documents can be parts without being copied.
#[derive(Debug)]
pub(crate) struct Problems {
    pub text: Arc<String>,
    pub found: Vec<Problem>,
}

impl Problems {
    pub(crate) fn new(text: &Arc<String>) -> Self {
        Self {
            text: Arc::clone(text),
            found: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, problem: Problem) {
        self.found.push(problem);
    }

    pub(crate) fn len(&self) -> usize {
        self.found.len()
    }
}

/// How one call's answers are told and read.
pub(crate) struct Reader {
    /// The call, `service:Operation`.
    pub call: &'static str,
    /// The kind of data it gives.
    pub kind: DataKind,
    /// A member that only this call's answer has, for answers that are not wrapped. Empty: wrapped ones only.
    pub member: &'static str,
    /// Tells calls apart that share the member.
    pub is_this: fn(&Members<'_>) -> bool,
    /// Fills the piece.
    pub read: fn(&Answer<'_>, &mut Piece, &mut Problems),
    /// What the error NoSuchEntity (or its like in other services) says; none: it is a failure.
    pub absent: Option<fn(&Answer<'_>, &mut Piece)>,
}

impl Reader {
    pub(crate) const fn new(
        call: &'static str,
        kind: DataKind,
        member: &'static str,
        read: fn(&Answer<'_>, &mut Piece, &mut Problems),
    ) -> Self {
        Self {
            call,
            kind,
            member,
            is_this: |_| true,
            read,
            absent: None,
        }
    }

    pub(crate) const fn if_only(mut self, is_this: fn(&Members<'_>) -> bool) -> Self {
        self.is_this = is_this;
        self
    }

    pub(crate) const fn or_absent(mut self, absent: fn(&Answer<'_>, &mut Piece)) -> Self {
        self.absent = Some(absent);
        self
    }
}

/// All readers. The first whose member is there reads an answer that is not wrapped.
const READERS: &[&[Reader]] = &[
    account::READERS,
    authorization_details::READERS,
    credential_report::READERS,
    keys::READERS,
    last_accessed::READERS,
    users::READERS,
    groups::READERS,
    roles::READERS,
    policies::READERS,
    credentials::READERS,
    providers::READERS,
    organization::READERS,
    identity_center::READERS,
    analyzer::READERS,
    trails::READERS,
    resource_policies::READERS,
];

/// Error codes that say that the thing asked for is not there, which is an answer.
const ABSENT_CODES: [&str; 14] = [
    "NoSuchEntity",
    "NoSuchEntityException",
    "ResourceNotFoundException",
    "NotFoundException",
    "NoSuchBucketPolicy",
    "RepositoryPolicyNotFoundException",
    "AWSOrganizationsNotInUseException",
    "NoSuchPublicAccessBlockConfiguration",
    "TrailNotFoundException",
    // A resource that was deleted since it was listed.
    "NoSuchBucket",
    "NotFound",
    "QueueDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue",
    "RepositoryNotFoundException",
];

/// What came of one answer.
pub(crate) enum Reading {
    /// It was read, with problems or without.
    Read {
        kind: DataKind,
        piece: Piece,
        problems: Vec<Problem>,
    },
    /// AWS gave an error in its place.
    Failed {
        kind: Option<DataKind>,
        code: String,
        message: String,
    },
    /// It is none that leastgrant reads.
    NotKnown { reason: String },
}

/// Whether the error of a call is an answer: that there is nothing.
pub(crate) fn says_that_there_is_none(call: &str, code: &str) -> bool {
    ABSENT_CODES.contains(&code)
        && all().any(|reader| reader.absent.is_some() && reader.call.eq_ignore_ascii_case(call))
}

/// Reads one answer.
pub(crate) fn read(answer: &Answer<'_>, text: &Arc<String>) -> Reading {
    let reader = find(answer);
    if let Some((code, message)) = &answer.error {
        if let Some((reader, absent)) =
            reader.and_then(|reader| reader.absent.map(|absent| (reader, absent)))
            && ABSENT_CODES.contains(&code.as_str())
        {
            let mut piece = Piece {
                listing: answer.listing(reader.call),
                ..Piece::default()
            };
            absent(answer, &mut piece);
            return Reading::Read {
                kind: reader.kind,
                piece,
                problems: Vec::new(),
            };
        }
        return Reading::Failed {
            kind: reader.map(|reader| reader.kind),
            code: code.clone(),
            message: message.clone(),
        };
    }
    let Some(reader) = reader else {
        return Reading::NotKnown {
            reason: not_known(answer),
        };
    };
    let second = if answer.call.is_none() {
        second_kind(&answer.members, reader)
    } else {
        None
    };
    let mut piece = Piece {
        listing: answer.listing(reader.call),
        truncated: answer.is_truncated(),
        ..Piece::default()
    };
    let (this, next) = (answer.this_page(), answer.next_page());
    if this.is_some() || next.is_some() {
        piece.pages = Some(Box::new(PageTokens { this, next }));
    }
    let mut problems = Problems::new(text);
    (reader.read)(answer, &mut piece, &mut problems);
    if let Some(kind) = second {
        let reason = format!(
            "the object holds {} and {} at once, and only the former is read; keep answers apart",
            reader.kind.words(),
            kind.words()
        );
        problems.push(Problem {
            also: Some(kind),
            ..Problem::at("", &reason)
        });
    }
    Reading::Read {
        kind: reader.kind,
        piece,
        problems: problems.found,
    }
}

/// Whether the members are those of an answer that some reader knows.
pub(crate) fn is_known(members: &Members<'_>) -> bool {
    by_members(members).is_some()
}

/// The kind of data that the members of a broken text tell, if they tell one only.
pub(crate) fn kind_by_member(has: impl Fn(&str) -> bool) -> Option<DataKind> {
    /// Words that any file may hold.
    const GENERIC: [&str; 8] = [
        "Account",
        "User",
        "Group",
        "Role",
        "Policy",
        "Content",
        "findings",
        "analyzers",
    ];
    let mut kinds: Vec<DataKind> = all()
        .filter(|reader| {
            !reader.member.is_empty() && !GENERIC.contains(&reader.member) && has(reader.member)
        })
        .map(|reader| reader.kind)
        .collect();
    kinds.sort();
    kinds.dedup();
    // Authorization details have the members of other answers inside.
    if kinds.contains(&DataKind::AuthorizationDetails) {
        return Some(DataKind::AuthorizationDetails);
    }
    match kinds.as_slice() {
        [kind] => Some(*kind),
        _ => None,
    }
}

/// The kind of data that a call gives.
pub(crate) fn kind_of_call(call: &str) -> Option<DataKind> {
    all()
        .find(|reader| reader.call.eq_ignore_ascii_case(call))
        .map(|reader| reader.kind)
}

/// The call of an operation as the `aws` CLI names it (`GetCredentialReport`), where it is one that is read.
pub(crate) fn call_of_operation(operation: &str) -> Option<&'static str> {
    let mut calls = all().map(|reader| reader.call);
    calls.find(|call| {
        call.split_once(':')
            .is_some_and(|(_, own)| own.eq_ignore_ascii_case(operation))
    })
}

/// Another kind that the members are an answer of, beside the one that they are read as.
fn second_kind(members: &Members<'_>, first: &Reader) -> Option<DataKind> {
    let is_part_of_the_first = |reader: &Reader| {
        first.kind == DataKind::AuthorizationDetails && reader.member == "Policies"
            || first.call == "iam:GetGroup" && reader.member == "Users"
    };
    all()
        .filter(|reader| {
            !reader.member.is_empty() && reader.kind != first.kind && !is_part_of_the_first(reader)
        })
        .find(|reader| members.has(reader.member) && (reader.is_this)(members))
        .map(|reader| reader.kind)
}

fn all() -> impl Iterator<Item = &'static Reader> {
    READERS.iter().copied().flatten()
}

fn find(answer: &Answer<'_>) -> Option<&'static Reader> {
    match &answer.call {
        Some(call) => all().find(|reader| reader.call.eq_ignore_ascii_case(call)),
        None => by_members(&answer.members),
    }
}

fn by_members(members: &Members<'_>) -> Option<&'static Reader> {
    all().find(|reader| {
        !reader.member.is_empty() && members.has(reader.member) && (reader.is_this)(members)
    })
}

fn not_known(answer: &Answer<'_>) -> String {
    if let Some(call) = &answer.call {
        return format!(
            "leastgrant keeps nothing of the answer to `{call}`; remove it from the bundle"
        );
    }
    let mut names: Vec<_> = answer
        .members
        .names()
        .take(4)
        .map(|name| format!("`{}`", name.chars().take(40).collect::<String>()))
        .collect();
    names.sort();
    let holds = if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    };
    format!(
        "is no answer of AWS that leastgrant reads (it holds {holds}); an answer that does not name its owner has to be wrapped with its call, as `leastgrant bundle-script` does"
    )
}
