//! A vendor's product: it takes a role of yours, with an external id.

use super::mark::{MarkSource, Weight};
use super::replacement::Place;
use super::{HolderKind, HolderType, Marks, Seen, trust};

pub(super) static HOLDER: HolderType = HolderType {
    kind: HolderKind::Saas,
    words: "a vendor's service",
    title: "A vendor's access key can give way to a role with an external id",
    marks,
    replacement,
};

const KIND: HolderKind = HolderKind::Saas;

fn marks(seen: &Seen<'_>, marks: &mut Marks) {
    seen.push_from_tables(KIND, marks);
    if let Some(fact) = seen.only_inside() {
        let fact = format!(
            "{fact}, where no vendor is: it can be the vendor's agent on a machine of yours"
        );
        marks.push_against(KIND, MarkSource::Network, Weight::Medium, fact);
    }
}

fn replacement(place: &Place<'_>) -> String {
    let vendor = place.holder.name.unwrap_or("the vendor");
    format!(
        "Give {vendor} a role with the user's rights in place of the key, with this trust policy: `{}`. The vendor's console tells its account and the external id, which replace the words in capitals; an external id that you make up yourself protects nothing if the vendor lets others enter it",
        trust::of_vendor(place)
    )
}
