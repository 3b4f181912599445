//! Names that machines and calendars make up: the next one will be another.

const SEPARATORS: [char; 9] = ['-', '_', '.', '=', ',', '@', '[', ']', '$'];

const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Where in a name below the first one a time or a number begins, such as in `2026`, `month=06`, `jun-2026`, `q3`, `w05` and `v6`.
///
/// Any digit counts, since a number that does not change costs a wildcard only, and one that does an outage. Regions and account ids are
/// no numbers.
pub(crate) fn time_or_number_from(name: &str) -> Option<usize> {
    if is_region(name) {
        return None;
    }
    first_token(name, |own| {
        is_month(own) || own.bytes().any(|byte| byte.is_ascii_digit()) && !is_account(own)
    })
}

/// Whether a name is of a time, so that the next one may have another.
pub(crate) fn is_dated(name: &str) -> bool {
    first_token(name, |own| {
        let digits = own.trim_start_matches(|first: char| first.is_ascii_alphabetic());
        let letters = own.get(..own.len() - digits.len()).unwrap_or_default();
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let is_year = |digits: &str| {
            digits.len() >= 4
                && digits.bytes().take(4).all(|byte| byte.is_ascii_digit())
                && (digits.starts_with("19") || digits.starts_with("20"))
        };
        let is_part_of_year = ["q", "h", "w", "cw", "kw", "fy"]
            .iter()
            .any(|own| letters.eq_ignore_ascii_case(own));
        is_month(own)
            || is_number && is_part_of_year && digits.len() <= 4
            || is_year(digits) && !is_account(own) && letters.len() <= 2
    })
    .is_some()
}

fn first_token(name: &str, is: impl Fn(&str) -> bool) -> Option<usize> {
    let mut start = 0;
    for token in name.split_inclusive(SEPARATORS) {
        if is(token.trim_end_matches(SEPARATORS)) {
            return Some(start);
        }
        start += token.len();
    }
    None
}

fn is_month(token: &str) -> bool {
    let lower = token.to_ascii_lowercase();
    let is = |month: &&'static str| *month == lower || month.get(..3) == Some(&lower);
    MONTHS.iter().any(is) || lower == "sept"
}

/// Such as `eu-central-1` and `us-gov-west-1`.
fn is_region(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let is_word =
        |part: &&str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.as_slice() {
        [words @ .., number] if words.len() >= 2 => {
            words.iter().all(is_word)
                && words.first().is_some_and(|first| first.len() == 2)
                && number.len() == 1
                && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    }
}

/// Account ids are twelve digits that people choose to put into names; so are times up to the minute.
fn is_account(token: &str) -> bool {
    let pair = |at: usize| token.get(at..at + 2).and_then(|own| own.parse::<u8>().ok());
    let is_time = token.starts_with("20")
        && matches!(
            (pair(4), pair(6), pair(8), pair(10)),
            (Some(1..=12), Some(1..=31), Some(0..=23), Some(0..=59))
        );
    token.len() == 12 && token.bytes().all(|byte| byte.is_ascii_digit()) && !is_time
}

/// Where in a name what a machine made begins.
pub(crate) fn machine_made_from(name: &str) -> Option<usize> {
    let mut start = 0;
    if is_uuid(name) {
        return Some(0);
    }
    for token in name.split_inclusive(SEPARATORS) {
        let own = token.trim_end_matches(SEPARATORS);
        let rest = name.get(start..).unwrap_or_default();
        let uuid = rest.get(..36).is_some_and(is_uuid);
        if uuid || is_machine_made(own) || is_date(rest) {
            return Some(start);
        }
        start += token.len();
    }
    None
}

fn is_machine_made(token: &str) -> bool {
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    let is_hex = token
        .bytes()
        .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let is_upper = token
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    let is_number = digits == token.len() && digits >= 6 && !is_account(token);
    // CloudFormation's suffixes have twelve or thirteen, ULIDs have 26.
    let is_suffix = is_upper && (token.len() == 12 || token.len() == 13 || token.len() == 26);
    is_number
        || is_hex && token.len() >= 8 && digits > 0 && !is_account(token)
        || is_suffix && digits > 0 && !is_account(token)
}

fn is_date(text: &str) -> bool {
    let bytes: Vec<u8> = text.bytes().take(10).collect();
    let is_like = |pattern: &[u8]| {
        bytes.len() == pattern.len()
            && bytes.iter().zip(pattern).all(|(byte, own)| match own {
                b'9' => byte.is_ascii_digit(),
                own => byte == own,
            })
    };
    is_like(b"9999-99-99")
}

/// Whether the whole of a name is an id, such as a key's or a distribution's.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_numbers_are_found_and_regions_and_accounts_are_none() {
        for (name, start) in [
            ("2026", 0),
            ("2026-06.csv", 0),
            ("month=06", 6),
            ("jun-2026.csv", 0),
            ("report-March.csv", 7),
            ("2026-Q1.csv", 0),
            ("totals-q1.csv", 7),
            ("w05", 0),
            ("v6.csv", 0),
            ("20261031T020000Z", 0),
            ("202610312300", 0),
        ] {
            assert_eq!(time_or_number_from(name), Some(start), "{name}");
        }
        for name in [
            "eu-central-1",
            "us-gov-west-1",
            "111122223333",
            "data.csv",
            "marching",
        ] {
            assert_eq!(time_or_number_from(name), None, "{name}");
        }
    }

    #[test]
    fn first_names_are_dated_or_only_numbered() {
        for name in [
            "logs-2026",
            "fy26-close",
            "close-2026-06",
            "q3",
            "2026w05",
            "sales-dec",
        ] {
            assert!(is_dated(name), "{name}");
        }
        for name in ["web1", "jobs-2", "lake-111122223333", "ec2", "v6", "data"] {
            assert!(!is_dated(name), "{name}");
        }
    }
}
