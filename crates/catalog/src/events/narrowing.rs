//! Which members of request parameters the mapping reads, so that another engine can group records without all others.
//!
//! The facts are `data/event-parameters.tsv`, which a test makes of the mapping itself: for each event source whose service is
//! known, the members that requests of its calls are asked for, and how the names of calls begin whose requests nobody reads.
//! [`narrowed`] is what the SQL of Athena does, in Rust: a test of each holds them together, and another holds that what is left of
//! a request needs what the whole one does.

use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};

use memchr::memmem::Finder;

use super::ec2;
use super::json::{Level, Members, level};

const PARAMETERS: &str = include_str!("../../data/event-parameters.tsv");

/// What calls of one event source are asked for in their request parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadMembers {
    /// The event source in small letters, without [`SOURCE_END`]: `s3`.
    pub host: &'static str,
    /// Names of members in small letters, separated by spaces; `-` for none.
    pub names: &'static str,
    /// Whether ids are looked for in all other members too, but those of [`PASSED_BY`]: EC2's.
    pub has_ids: bool,
    /// How names of calls begin, in small letters and separated by spaces, whose requests nobody reads; `-` for none.
    pub unread_calls: &'static str,
}

/// What a member of request parameters is to the mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberUse {
    /// It is read.
    Read,
    /// It is read only where it holds a text that begins with [`ARN_BEGINNING`].
    OnlyArns,
    /// With it the object can be one that wraps the request, so that all of it is read.
    Wraps,
}

impl MemberUse {
    /// Whether a value of the member, as it stands in the request, is read.
    #[must_use]
    pub fn reads(self, value: &str) -> bool {
        static ARN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(ARN_BEGINNING));
        match self {
            Self::Read | Self::Wraps => true,
            Self::OnlyArns => ARN.find(value.as_bytes()).is_some(),
        }
    }
}

/// How event sources end.
pub const SOURCE_END: &str = ".amazonaws.com";
/// The member that stands in the place of all where they are too many. It stays.
pub const OMITTED: &str = super::parameters::OMITTED;

/// Members in which no ids are looked for: by how their names begin, by how they end, and whole names, all in small letters.
pub const PASSED_BY: [&[&str]; 3] = [
    ec2::PASSED_BY_BEGINNINGS,
    ec2::PASSED_BY_ENDS,
    ec2::PASSED_BY_NAMES,
];

/// Where a member of such a name is, in any case of its letters, a request can be an object that wraps another, which it might become or
/// cease to be without its other members. [`WRAPPER_END`] is the end of further such names.
pub const WRAPPERS: &[&str] = &["items", "item", "member", "tag", "content"];
/// See [`WRAPPERS`].
pub const WRAPPER_END: &str = "request";

/// What is written before the ARNs that are looked for in all members.
pub const ARN_BEGINNING: &str = "\"arn:";
/// What is written before a sign by its number: readers of JSON differ in what some of these are.
pub const ESCAPED_SIGN: &str = "\\u";

/// What calls are asked for, by event source in order. Of others nothing is known, and all that they say is read.
#[must_use]
pub fn read_members() -> &'static [ReadMembers] {
    static MEMBERS: OnceLock<Vec<ReadMembers>> = OnceLock::new();
    MEMBERS.get_or_init(|| {
        let lines = PARAMETERS.lines().filter(|line| !line.starts_with('#'));
        let rows = lines.filter_map(|line| {
            let mut cells = line.split('\t');
            let (host, names) = (cells.next()?, cells.next()?);
            let (has_ids, names) = match names.strip_prefix("* ") {
                Some(names) => (true, names),
                None => (false, names),
            };
            Some(ReadMembers {
                host,
                names,
                has_ids,
                unread_calls: cells.next()?,
            })
        });
        rows.collect()
    })
}

/// What is left of request parameters when all is taken away that the mapping of the event does not read. None: nothing of them is
/// read, as if there were none.
///
/// An object without members stays one: a call can need something else where there are no parameters at all.
#[must_use]
pub fn narrowed<'a>(event_source: &str, event_name: &str, text: &'a str) -> Option<Cow<'a, str>> {
    let Some(read) = ReadMembers::of(event_source) else {
        return Some(Cow::Borrowed(text));
    };
    let name = event_name.to_lowercase();
    let mut unread = read.unread_calls.split(' ');
    if unread.any(|beginning| name.starts_with(beginning)) {
        return None;
    }
    let left = read.left_of(text);
    Some(left.map_or(Cow::Borrowed(text), Cow::Owned))
}

fn is_wrapper(name: &str) -> bool {
    let name = name.to_lowercase();
    WRAPPERS.contains(&&*name) || name.ends_with(WRAPPER_END)
}

impl ReadMembers {
    /// What calls of an event source are asked for, if that is known; case is ignored.
    #[must_use]
    pub fn of(event_source: &str) -> Option<&'static Self> {
        let source = event_source.to_lowercase();
        let host = source.strip_suffix(SOURCE_END)?;
        let members = read_members();
        let place = members.binary_search_by(|members| members.host.cmp(host));
        members.get(place.ok()?)
    }

    /// What a member of this name is; case is ignored.
    #[must_use]
    pub fn use_of(&self, name: &str) -> MemberUse {
        if is_wrapper(name) {
            MemberUse::Wraps
        } else if self.reads(name) {
            MemberUse::Read
        } else {
            MemberUse::OnlyArns
        }
    }

    /// An object with only the members that are read; none where the whole text has to stay.
    fn left_of(&self, text: &str) -> Option<String> {
        let Some(Level::Object(Members(members))) = level(text) else {
            return None;
        };
        let mut names: Vec<&str> = members.iter().map(|(name, _)| &**name).collect();
        names.sort_unstable();
        let is_whole = text.contains(ESCAPED_SIGN)
            || names.iter().any(|name| is_wrapper(name))
            // Which of two members of one name counts depends on the reader.
            || names.windows(2).any(|two| two.first() == two.last());
        if is_whole {
            return None;
        }
        let mut left = String::from("{");
        for (name, value) in &members {
            if !self.use_of(name).reads(value.get()) {
                continue;
            }
            if left.len() > 1 {
                left.push(',');
            }
            left.push_str(&serde_json::to_string(name).ok()?);
            left.push(':');
            left.push_str(value.get());
        }
        left.push('}');
        Some(left)
    }

    fn reads(&self, name: &str) -> bool {
        // Names of other signs are none of AWS's, and stay.
        let is_plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '_' | '-');
        if !name.chars().all(is_plain) {
            return true;
        }
        let name = name.to_ascii_lowercase();
        let is_named = name == OMITTED || self.names.split(' ').any(|own| own == name);
        is_named || self.has_ids && !ec2::is_passed_by(&name)
    }
}
