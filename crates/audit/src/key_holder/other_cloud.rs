//! A computer of another provider or of a data centre: Roles Anywhere, or the provider's own OpenID Connect.

use super::replacement::Place;
use super::{HolderKind, HolderType, Marks, Seen, trust};

pub(super) static HOLDER: HolderType = HolderType {
    kind: HolderKind::OtherCloud,
    words: "a computer outside of AWS",
    title: "The access key of a computer outside of AWS can give way to Roles Anywhere",
    marks,
    replacement,
};

fn marks(seen: &Seen<'_>, marks: &mut Marks) {
    // Hosted runners of CI systems are on other clouds: GitHub's on Azure.
    if !seen.is_named(HolderKind::Ci) {
        seen.push_from_tables(HolderKind::OtherCloud, marks);
    }
}

fn replacement(place: &Place<'_>) -> String {
    let federated = match place.holder.name {
        Some("Google Cloud") => {
            ". A service account of Google Cloud can take a role without a certificate: AWS knows `accounts.google.com` by itself; the trust policy's condition is `accounts.google.com:sub` with the account's number"
        }
        Some("Azure") => {
            ". A managed identity of Azure can take a role without a certificate: by an OpenID Connect provider for your tenant, with a condition on `sub`"
        }
        _ => "",
    };
    format!(
        "Give the computer a role with the user's rights by IAM Roles Anywhere: a trust anchor for your certificate authority, a profile, and this trust policy: `{}`. Replace the words in capitals{federated}",
        trust::of_roles_anywhere(place)
    )
}
