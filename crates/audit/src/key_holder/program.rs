//! A program, of which nothing tells where it runs.

use super::mark::{MarkSource, Weight};
use super::replacement::Place;
use super::{HolderKind, HolderType, Marks, Seen, trust};

pub(super) static HOLDER: HolderType = HolderType {
    kind: HolderKind::Program,
    words: "a program, of which it is not told where it runs",
    title: "A program's access key can give way to a role",
    marks,
    replacement,
};

const KIND: HolderKind = HolderKind::Program;

fn marks(seen: &Seen<'_>, marks: &mut Marks) {
    seen.push_from_tables(KIND, marks);
    let rhythm = &seen.rhythm;
    if rhythm.is_faster_than_people() {
        let fact = format!("{} calls a day", rhythm.calls_a_day());
        marks.push(KIND, None, MarkSource::Rhythm, Weight::Medium, fact);
    }
    if rhythm.never_rests() {
        let fact = format!(
            "used on {} of {} days, weekends and all",
            rhythm.active_days, rhythm.span_days
        );
        marks.push(KIND, None, MarkSource::Rhythm, Weight::Medium, fact);
    }
}

/// As the table of names has it.
const SMTP: &str = "mail by SMTP of Amazon SES";

fn replacement(place: &Place<'_>) -> String {
    if place.holder.name == Some(SMTP) {
        return "The SMTP password is made from the key and ends with it (Amazon SES Developer Guide, \"Obtaining Amazon SES SMTP credentials\"). Where the program can call the API of SES instead: the role of where it runs, with `ses:SendRawEmail` for its addresses. Else make SMTP credentials anew and put them into the program first".to_owned();
    }
    format!(
        "Find the program by its addresses. On AWS: an instance profile, task role, execution role or EKS Pod Identity with the user's rights. In a CI system: an OpenID Connect provider. Elsewhere: IAM Roles Anywhere, with the trust policy `{}`",
        trust::of_roles_anywhere(place)
    )
}
