//! `eventTime`, of which there is one in every record.

use jiff::Timestamp;
use jiff::civil::Date;

/// The first second that has a year of four digits, so that days are in order as texts.
const FIRST: i64 = -62_167_219_200;
const DAY_ZERO: Date = Date::constant(1970, 1, 1);

/// Reads RFC 3339. CloudTrail's own form, whole seconds in UTC, is read without the general parser.
pub(crate) fn event_time(text: &str) -> Option<Timestamp> {
    cloudtrails_own(text.as_bytes()).or_else(|| {
        let time: Timestamp = text.parse().ok()?;
        (time.as_second() >= FIRST).then_some(time)
    })
}

fn cloudtrails_own(text: &[u8]) -> Option<Timestamp> {
    let [
        y0,
        y1,
        y2,
        y3,
        b'-',
        o0,
        o1,
        b'-',
        d0,
        d1,
        b'T',
        h0,
        h1,
        b':',
        m0,
        m1,
        b':',
        s0,
        s1,
        b'Z',
    ] = *text
    else {
        return None;
    };
    let two = |tens: u8, ones: u8| -> Option<i8> {
        (tens.is_ascii_digit() && ones.is_ascii_digit())
            .then(|| i8::try_from((tens - b'0') * 10 + (ones - b'0')).ok())
            .flatten()
    };
    let year = i16::from(two(y0, y1)?) * 100 + i16::from(two(y2, y3)?);
    let date = Date::new(year, two(o0, o1)?, two(d0, d1)?).ok()?;
    let [hour, minute, second] = [two(h0, h1)?, two(m0, m1)?, two(s0, s1)?].map(i64::from);
    // A second that is put in is left to the general parser.
    let of_day =
        (hour < 24 && minute < 60 && second < 60).then_some((hour * 60 + minute) * 60 + second)?;
    Timestamp::from_second(date.duration_since(DAY_ZERO).as_secs() + of_day).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_fast_way_reads_as_the_general_parser(second in -10_000_000_000_i64..250_000_000_000) {
            let time = Timestamp::from_second(second).unwrap();
            prop_assert_eq!(event_time(&time.to_string()), Some(time));
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "yesterday",
            "2026-02-30T00:00:00Z",
            "2026-01-01T25:00:00Z",
            "2026-01-01",
            "-000001-12-31T23:59:59Z",
        ] {
            assert_eq!(event_time(text), None, "{text}");
        }
    }
}
