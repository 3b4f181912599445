//! A CI system: it proves who it is by OpenID Connect, where it can, and needs no key.

use super::mark::{MarkSource, Weight};
use super::replacement::Place;
use super::{HolderKind, HolderType, Marks, Seen, trust};

pub(super) static HOLDER: HolderType = HolderType {
    kind: HolderKind::Ci,
    words: "a CI system",
    title: "A CI system's access key can give way to OpenID Connect",
    marks,
    replacement,
};

const KIND: HolderKind = HolderKind::Ci;

/// Hosted runners come from wherever their provider has room.
const NETWORKS_OF_HOSTED_RUNNERS: usize = 5;

fn marks(seen: &Seen<'_>, marks: &mut Marks) {
    seen.push_from_tables(KIND, marks);
    if seen.network.outside_networks >= NETWORKS_OF_HOSTED_RUNNERS && seen.is_named(KIND) {
        let fact = format!(
            "used from {} networks, as hosted runners are",
            seen.network.outside_networks
        );
        marks.push(KIND, None, MarkSource::Network, Weight::Weak, fact);
    }
    if let Some(fact) = seen.only_inside() {
        let fact = format!("{fact}, so runners would have to be your own");
        marks.push_against(KIND, MarkSource::Network, Weight::Weak, fact);
    }
}

fn replacement(place: &Place<'_>) -> String {
    let Some(system) = place.holder.name.and_then(trust::ci_system) else {
        return format!(
            "Give the CI system a role with the user's rights: by an OpenID Connect provider in IAM, if it issues tokens to its jobs; by an instance profile, task role or EKS Pod Identity, if its runners are on AWS; else by IAM Roles Anywhere, with the trust policy `{}`",
            trust::of_roles_anywhere(place)
        );
    };
    let repository = match place.repository {
        Some(_) => " The repository is that of the user's tag.",
        None => "",
    };
    format!(
        "Make {} an OpenID Connect provider in IAM (`https://{}`, audience `{}`) and a role with the user's rights and this trust policy: `{}`. Replace the words in capitals, which no log tells.{repository} How jobs take the role: {}",
        system.name,
        trust::filled(system.provider, place),
        trust::filled(system.audience, place),
        trust::of_ci_system(system, place),
        system.source
    )
}
