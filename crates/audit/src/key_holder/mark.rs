//! A mark: one thing that speaks for a holder of a key or against it, and where it was read.

use super::HolderKind;

/// Where a mark was read. Marks of one source count once: twenty user agents prove no more than one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum MarkSource {
    /// What the callers said of themselves.
    UserAgents,
    /// Where the calls came from: addresses and VPC endpoints.
    Network,
    /// On which days and at which hours, and how often.
    Rhythm,
    /// The user's name and tags.
    Names,
    /// What the user has besides the key.
    Credentials,
}

impl MarkSource {
    /// All sources.
    pub(crate) const ALL: [Self; 5] = [
        Self::UserAgents,
        Self::Network,
        Self::Rhythm,
        Self::Names,
        Self::Credentials,
    ];

    /// As evidence names it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::UserAgents => "CloudTrail logs, user agents",
            Self::Network => "CloudTrail logs, addresses",
            Self::Rhythm => "CloudTrail logs, times",
            Self::Names => "name and tags",
            Self::Credentials => "credentials",
        }
    }

    /// Whether it is from logs: the others say what was meant, not what happened.
    pub(crate) fn is_of_logs(self) -> bool {
        matches!(self, Self::UserAgents | Self::Network | Self::Rhythm)
    }
}

/// How much a mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Weight {
    /// Fits others as well.
    Weak,
    /// Fits few others.
    Medium,
    /// Fits no other, if it is true.
    Strong,
}

impl Weight {
    /// What it adds to a sum.
    pub(crate) fn points(self) -> u32 {
        match self {
            Self::Weak => 1,
            Self::Medium => 2,
            Self::Strong => 3,
        }
    }

    /// The weight of a number in a table.
    pub(crate) fn of_number(text: &str) -> Option<Self> {
        match text {
            "1" => Some(Self::Weak),
            "2" => Some(Self::Medium),
            "3" => Some(Self::Strong),
            _ => None,
        }
    }
}

/// One mark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// Of which holder it speaks.
    pub kind: HolderKind,
    /// Which one of that kind, where it tells.
    pub name: Option<&'static str>,
    pub source: MarkSource,
    pub weight: Weight,
    /// Whether it speaks for the holder; else against it.
    pub is_for: bool,
    /// What was read, bounded and quoted.
    pub fact: String,
}
