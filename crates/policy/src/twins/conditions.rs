//! Conditions, for the slow evaluator.

use super::naive::{Plain, fits_arn, fits_text};

/// Whether one operator with one key holds.
pub(crate) fn is_met(
    operator: &str,
    key: &str,
    own: &[String],
    is_new: bool,
    request: &Plain,
) -> bool {
    let lower = key.to_ascii_lowercase();
    let found = request.context.iter().find(|(known, _)| *known == lower);
    let values: Option<(bool, Vec<String>)> = match found {
        None => None,
        Some((_, Ok(value))) => Some((true, vec![value.clone()])),
        Some((_, Err(values))) if values.is_empty() => None,
        Some((_, Err(values))) => Some((false, values.clone())),
    };
    let is_absent = values.is_none();
    if operator == "Null" {
        return own
            .iter()
            .any(|text| text.to_lowercase() == is_absent.to_string());
    }
    let (set, name) = match operator.split_once(':') {
        Some((set, name)) => (set, name),
        None => ("", operator),
    };
    let (name, if_exists) = match name.strip_suffix("IfExists") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let is_negated = name.contains("Not");
    let Some((is_single, values)) = values else {
        return if_exists || set == "ForAllValues" || (set.is_empty() && is_negated);
    };
    let mut each = values.iter().map(|value| {
        let matched = own
            .iter()
            .any(|text| value_fits(&name.replace("Not", ""), text, value, is_new, request));
        matched != is_negated
    });
    match set {
        "ForAllValues" => each.all(|met| met),
        "ForAnyValue" => each.any(|met| met),
        _ => is_single && each.all(|met| met),
    }
}

fn value_fits(name: &str, own: &str, value: &str, is_new: bool, request: &Plain) -> bool {
    let exact = |letter: char| letter;
    match name {
        "StringEquals" => fits_text(own, value, false, is_new, request, exact),
        "StringLike" => fits_text(own, value, true, is_new, request, exact),
        "StringEqualsIgnoreCase" | "Bool" => fits_text(own, value, false, is_new, request, lower),
        "BinaryEquals" => own == value,
        "ArnEquals" | "ArnLike" => fits_arn(own, value, is_new, request),
        "IpAddress" => address_fits(own, value),
        _ => {
            let read = if name.starts_with("Numeric") {
                number
            } else {
                instant
            };
            let (Some(own), Some(value)) = (read(own), read(value)) else {
                return false;
            };
            let relation = name
                .trim_start_matches("Numeric")
                .trim_start_matches("Date");
            match relation {
                "Equals" => value == own,
                "LessThan" => value < own,
                "LessThanEquals" => value <= own,
                "GreaterThan" => value > own,
                "GreaterThanEquals" => value >= own,
                other => panic!("no operator: {other}"),
            }
        }
    }
}

/// One letter for one letter.
fn lower(letter: char) -> char {
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => letter,
    }
}

/// Billionths.
fn number(text: &str) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || fraction.len() > 9 || whole.len() > 24 {
        return None;
    }
    let fraction = format!("{fraction:0<9}");
    Some(sign * (whole.parse::<i128>().ok()? * 1_000_000_000 + fraction.parse::<i128>().ok()?))
}

/// A date with time in UTC, or seconds since 1970: all that is drawn.
fn instant(text: &str) -> Option<i128> {
    if let Some((date, time)) = text.strip_suffix('Z').and_then(|text| text.split_once('T')) {
        let parts = |text: &str, by: char| -> Option<Vec<i128>> {
            text.split(by).map(|part| part.parse().ok()).collect()
        };
        let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let nanoseconds: i128 = format!("{fraction:0<9}").parse().ok()?;
        let (date, time) = (parts(date, '-')?, parts(time, ':')?);
        let is_leap = |year: i128| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let of_month = [
            31,
            28 + i128::from(is_leap(date[0])),
            31,
            30,
            31,
            30,
            31,
            31,
            30,
            31,
            30,
            31,
        ];
        let years: i128 = (1970..date[0])
            .map(|year| 365 + i128::from(is_leap(year)))
            .sum();
        let months: i128 = of_month
            .iter()
            .take(usize::try_from(date[1]).ok()? - 1)
            .sum();
        let days = years + months + date[2] - 1;
        let seconds = days * 86_400 + time[0] * 3600 + time[1] * 60 + time[2];
        return Some(seconds * 1_000_000_000 + nanoseconds);
    }
    (text.len() > 4).then(|| number(text)).flatten()
}

fn address_fits(own: &str, value: &str) -> bool {
    let (base, length) = match own.split_once('/') {
        Some((base, length)) => (base, length.parse::<usize>().ok()),
        None => (own, Some(128)),
    };
    let bits = |text: &str| -> Option<Vec<bool>> {
        let octets = match text.parse::<std::net::IpAddr>().ok()? {
            std::net::IpAddr::V4(address) => address.octets().to_vec(),
            std::net::IpAddr::V6(address) => address.octets().to_vec(),
        };
        let bits = octets
            .iter()
            .flat_map(|octet| (0..8).rev().map(move |bit| octet & (1 << bit) != 0));
        Some(bits.collect())
    };
    let (Some(own), Some(value), Some(length)) = (bits(base), bits(value), length) else {
        return false;
    };
    own.len() == value.len()
        && own
            .iter()
            .zip(&value)
            .take(length)
            .all(|(own, value)| own == value)
}
