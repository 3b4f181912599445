//! Dates as AWS's tools write them: RFC 3339 with `Z`, `+00:00` or a blank for the `T`, and epoch seconds.

use std::fmt;

use leastgrant_inventory::Timestamp;
use serde::Deserializer;
use serde::de::{Error, Visitor};

/// Reads an instant. A date without an offset is none: nobody can tell which instant it names.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    text.trim().parse().ok()
}

/// For `#[serde(deserialize_with)]`: a date, a number of epoch seconds, or null.
pub(crate) fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    deserializer.deserialize_any(TimestampVisitor)
}

struct TimestampVisitor;

impl Visitor<'_> for TimestampVisitor {
    type Value = Option<Timestamp>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .write_str("a date with its offset, such as `2026-01-31T08:00:00Z`, or epoch seconds")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        parse(text)
            .map(Some)
            .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Self::Value, E> {
        Timestamp::from_second(seconds)
            .map(Some)
            .map_err(|_| E::invalid_value(serde::de::Unexpected::Signed(seconds), &self))
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Self::Value, E> {
        let signed = i64::try_from(seconds)
            .map_err(|_| E::invalid_value(serde::de::Unexpected::Unsigned(seconds), &self))?;
        self.visit_i64(signed)
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Self::Value, E> {
        jiff::SignedDuration::try_from_secs_f64(seconds)
            .ok()
            .and_then(|duration| Timestamp::from_duration(duration).ok())
            .map(Some)
            .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Float(seconds), &self))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Holder {
        #[serde(default, deserialize_with = "optional")]
        at: Option<Timestamp>,
    }

    fn read(json: &str) -> Result<Option<Timestamp>, serde_json::Error> {
        serde_json::from_str::<Holder>(json).map(|holder| holder.at)
    }

    #[test]
    fn every_spelling_of_one_instant_is_read_alike() {
        let expected = Some("2023-03-09T10:41:45Z".parse().unwrap());
        for spelling in [
            r#""2023-03-09T10:41:45Z""#,
            r#""2023-03-09T10:41:45+00:00""#,
            r#""2023-03-09 10:41:45+00:00""#,
            r#""2023-03-09T12:41:45+02:00""#,
            "1678358505",
            "1678358505.0",
        ] {
            assert_eq!(
                read(&format!(r#"{{"at":{spelling}}}"#)).unwrap(),
                expected,
                "{spelling}"
            );
        }
    }

    #[test]
    fn a_date_without_an_offset_names_no_instant() {
        let message = read(r#"{"at":"2023-03-09T10:41:45"}"#)
            .unwrap_err()
            .to_string();
        assert!(message.contains("a date with its offset"), "{message}");
    }

    #[test]
    fn numbers_beyond_all_calendars_are_refused() {
        for number in [
            "1e300",
            "-1e300",
            "18446744073709551615",
            "9223372036854775807",
        ] {
            read(&format!(r#"{{"at":{number}}}"#)).unwrap_err();
        }
    }

    #[test]
    fn null_and_absence_are_no_date() {
        assert_eq!(read(r#"{"at":null}"#).unwrap(), None);
        assert_eq!(read("{}").unwrap(), None);
    }
}
