//! Who holds an access key: a person, a workload on AWS, a CI system, a SaaS, a computer elsewhere; and what takes the key's place.
//!
//! Each kind of holder has a file, which says what speaks for it and against it ([`Mark`]); [`weigh`] weighs the marks.
//! All is pure over [`HolderFacts`]. User agents are what callers say of themselves, and names what somebody meant once: neither alone
//! gives high confidence, and what contradicts them lowers it.

mod agents;
mod calls_without_effect;
mod ci;
mod effect;
mod mark;
mod names;
mod network;
mod origin;
mod other_cloud;
mod person;
mod program;
mod quote;
mod replacement;
mod rhythm;
mod saas;
mod table;
#[cfg(test)]
mod tests;
mod trust;
mod weigh;
mod workload;

pub(crate) use effect::{Accessed, Effect, effect_of, is_in_logs, is_later};
pub(crate) use origin::{KeyOrigin, KeyOrigins, LogDays};
pub(crate) use quote::{listed, quoted};
pub(crate) use replacement::{Place, replacement, repository};
pub(crate) use table::lines;
pub(crate) use weigh::{Holder, Verdict};

use agents::AgentPart;
use mark::{Mark, MarkSource, Weight};
use names::NamePart;
use network::Network;
use rhythm::Rhythm;

/// The kinds of holders, in the order in which they win where they are told equally well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum HolderKind {
    /// A CI system.
    Ci,
    /// The product of a vendor.
    Saas,
    /// A program on AWS.
    Workload,
    /// A computer of another cloud provider or of a data centre.
    OtherCloud,
    /// Somebody at a computer.
    Person,
    /// A program, and where it runs is not told.
    Program,
}

/// A kind of holder: one file.
#[derive(Debug)]
pub(crate) struct HolderType {
    pub kind: HolderKind,
    /// With its article, as sentences have it.
    pub words: &'static str,
    /// The title of findings.
    pub title: &'static str,
    /// Says what speaks for it and against it.
    marks: fn(&Seen<'_>, &mut Marks),
    /// What takes the place of the key.
    replacement: fn(&Place<'_>) -> String,
}

/// Every kind of holder.
pub(crate) static ALL: &[&HolderType] = &[
    &ci::HOLDER,
    &saas::HOLDER,
    &workload::HOLDER,
    &other_cloud::HOLDER,
    &person::HOLDER,
    &program::HOLDER,
];

impl HolderKind {
    /// What the kind's file says of it.
    pub(crate) fn holder_type(self) -> &'static HolderType {
        match self {
            Self::Ci => &ci::HOLDER,
            Self::Saas => &saas::HOLDER,
            Self::Workload => &workload::HOLDER,
            Self::OtherCloud => &other_cloud::HOLDER,
            Self::Person => &person::HOLDER,
            Self::Program => &program::HOLDER,
        }
    }

    fn of_table(name: &str) -> Option<Self> {
        match name {
            "person" => Some(Self::Person),
            "workload" => Some(Self::Workload),
            "ci" => Some(Self::Ci),
            "saas" => Some(Self::Saas),
            "cloud" => Some(Self::OtherCloud),
            "program" => Some(Self::Program),
            _ => None,
        }
    }
}

/// What is known of a key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HolderFacts<'a> {
    pub user_name: &'a str,
    /// The user's tags, without those that name its owner.
    pub tags: &'a [(String, String)],
    /// Whether the user can sign in at the console.
    pub has_password: bool,
    /// What the logs have of the key, if anything.
    pub origin: Option<&'a KeyOrigin>,
}

/// The facts as the kinds of holders ask for them.
struct Seen<'a> {
    facts: HolderFacts<'a>,
    agents: Vec<AgentPart<'a>>,
    names: Vec<NamePart>,
    network: Network,
    rhythm: Rhythm,
}

/// The marks of all kinds.
#[derive(Debug, Default)]
struct Marks(Vec<Mark>);

/// Who holds a key.
pub(crate) fn judge(facts: HolderFacts<'_>) -> Verdict {
    let seen = Seen::of(facts);
    let mut marks = Marks::default();
    for holder in ALL {
        (holder.marks)(&seen, &mut marks);
    }
    weigh::weigh(marks.0)
}

impl<'a> Seen<'a> {
    fn of(facts: HolderFacts<'a>) -> Self {
        let names = names::parts(facts.user_name, facts.tags);
        let Some(origin) = facts.origin else {
            return Self {
                facts,
                agents: Vec::new(),
                names,
                network: Network::default(),
                rhythm: Rhythm::default(),
            };
        };
        Self {
            facts,
            agents: agents::parts(origin.user_agents.iter()),
            names,
            network: Network::of(origin.addresses.iter()),
            rhythm: rhythm_of(origin),
        }
    }

    /// The marks that the tables have for a kind.
    fn push_from_tables(&self, kind: HolderKind, marks: &mut Marks) {
        for part in self.agents.iter().filter(|part| part.row.kind == kind) {
            let agents = listed([part.agent], false);
            let fact = match part.more {
                0 => format!("user agent {agents}"),
                more => format!("user agent {agents} and {more} like it"),
            };
            marks.push(
                kind,
                part.row.name,
                MarkSource::UserAgents,
                part.row.weight,
                fact,
            );
        }
        for part in self.names.iter().filter(|part| part.row.kind == kind) {
            marks.push(
                kind,
                part.row.name,
                MarkSource::Names,
                part.weight,
                part.fact.clone(),
            );
        }
    }

    fn is_named(&self, kind: HolderKind) -> bool {
        self.names.iter().any(|part| part.row.kind == kind)
            || self.agents.iter().any(|part| part.row.kind == kind)
    }

    /// Where the calls came from, if all of them came from inside a network.
    fn only_inside(&self) -> Option<String> {
        let network = &self.network;
        (network.inside > 0 && network.outside == 0 && network.unreadable == 0)
            .then(|| format!("all calls came {}", self.inside()))
    }

    /// How calls from inside a network came, in words.
    fn inside(&self) -> String {
        let origin = self.facts.origin;
        let endpoints = origin.filter(|origin| !origin.vpc_endpoints.is_empty());
        endpoints.map_or_else(
            || format!("from private addresses ({})", self.network.inside),
            |origin| {
                let endpoints = &origin.vpc_endpoints;
                format!(
                    "through the VPC endpoint {}",
                    listed(endpoints.iter(), endpoints.has_more())
                )
            },
        )
    }
}

/// When a key was used.
pub(crate) fn rhythm_of(origin: &KeyOrigin) -> Rhythm {
    Rhythm::of(&origin.days, origin.calls, origin.hours, origin.times)
}

impl Marks {
    fn push(
        &mut self,
        kind: HolderKind,
        name: Option<&'static str>,
        source: MarkSource,
        weight: Weight,
        fact: impl Into<String>,
    ) {
        self.0.push(Mark {
            kind,
            name,
            source,
            weight,
            is_for: true,
            fact: fact.into(),
        });
    }

    fn push_against(
        &mut self,
        kind: HolderKind,
        source: MarkSource,
        weight: Weight,
        fact: impl Into<String>,
    ) {
        self.0.push(Mark {
            kind,
            name: None,
            source,
            weight,
            is_for: false,
            fact: fact.into(),
        });
    }
}
