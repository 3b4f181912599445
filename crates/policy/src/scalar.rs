//! Numbers, dates, addresses: the values that conditions compare by size or by range.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// A decimal number, exact to nine digits after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(pub i128);

const FRACTION_DIGITS: usize = 9;
const ONE: i128 = 1_000_000_000;
const MAX_INTEGER_DIGITS: usize = 24;

impl Number {
    /// Reads an integer or decimal number; `None` for anything else and for numbers that would not be exact.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (is_negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let fraction = fraction.trim_end_matches('0');
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_exact = integer.len() <= MAX_INTEGER_DIGITS && fraction.len() <= FRACTION_DIGITS;
        if integer.is_empty() || !is_digits(integer) || !is_digits(fraction) || !is_exact {
            return None;
        }
        let integer: i128 = integer.parse().ok()?;
        let fraction: i128 = format!("{fraction:0<FRACTION_DIGITS$}").parse().ok()?;
        let value = integer * ONE + fraction;
        Some(Self(if is_negative { -value } else { value }))
    }

    /// A text that reads as this number.
    #[must_use]
    pub(crate) fn to_text(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (integer, fraction) = (self.0.abs() / ONE, self.0.abs() % ONE);
        if fraction == 0 {
            return format!("{sign}{integer}");
        }
        let fraction = format!("{fraction:0>FRACTION_DIGITS$}");
        format!("{sign}{integer}.{}", fraction.trim_end_matches('0'))
    }
}

/// A point in time, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i128);

impl Instant {
    /// Reads an ISO 8601 date with or without time, or seconds since 1970 (IAM User Guide, "Date condition operators").
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_epoch = text.len() > 4
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.');
        if is_epoch {
            return Number::parse(text).map(|number| Self(number.0));
        }
        if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
            return Some(Self(timestamp.as_nanosecond()));
        }
        let padded = match text.len() {
            4 => format!("{text}-01-01"),
            7 => format!("{text}-01"),
            _ => text.to_owned(),
        };
        // Without an offset a date is one of UTC.
        let civil: DateTime = padded.trim_end_matches(['Z', 'z']).parse().ok()?;
        let timestamp = TimeZone::UTC.to_timestamp(civil).ok()?;
        Some(Self(timestamp.as_nanosecond()))
    }

    /// A text that reads as this instant, as far as years reach.
    #[must_use]
    pub(crate) fn to_text(self) -> String {
        match jiff::Timestamp::from_nanosecond(self.0) {
            Ok(timestamp) => timestamp.to_string(),
            Err(_) => Number(self.0).to_text(),
        }
    }
}

/// A range of addresses of one family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    /// Whether the addresses have 128 bits.
    pub is_v6: bool,
    /// The first address.
    pub first: u128,
    /// The last address.
    pub last: u128,
}

impl Network {
    /// Reads an address or a range in CIDR notation; without a prefix length it is one address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let (is_v6, bits, value) = match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(address) => (false, 32, u128::from(address.to_bits())),
            IpAddr::V6(address) => (true, 128, address.to_bits()),
        };
        let length: u32 = match length {
            Some(length) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
                length.parse().ok()?
            }
            Some(_) => return None,
            None => bits,
        };
        let host_bits = u32::checked_sub(bits, length)?;
        let host_mask = match host_bits {
            128 => u128::MAX,
            bits => (1_u128 << bits) - 1,
        };
        Some(Self {
            is_v6,
            first: value & !host_mask,
            last: value | host_mask,
        })
    }

    /// Whether the other range lies within this one.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.is_v6 == other.is_v6 && self.first <= other.first && other.last <= self.last
    }

    /// The text of an address of the family.
    #[must_use]
    pub fn address_text(is_v6: bool, value: u128) -> String {
        match u32::try_from(value) {
            Ok(value) if !is_v6 => Ipv4Addr::from_bits(value).to_string(),
            _ => Ipv6Addr::from_bits(value).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_exact() {
        assert!(Number::parse("9007199254740993") > Number::parse("9007199254740992"));
        assert_eq!(Number::parse("1.50"), Number::parse("1.5"));
        assert!(Number::parse("-2") < Number::parse("-1.5"));
        for text in ["", ".", "1e3", "x", "--1", "1.0000000001", "1 "] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }

    #[test]
    fn dates_in_every_documented_form() {
        let midnight = Instant::parse("2026-01-02T00:00:00Z").unwrap();
        for text in [
            "2026-01-02",
            "2026-01-02T00:00Z",
            "2026-01-02T01:00:00+01:00",
            "1767312000",
        ] {
            assert_eq!(Instant::parse(text), Some(midnight), "{text}");
        }
        assert_eq!(Instant::parse("2026"), Instant::parse("2026-01-01"));
        assert_eq!(Instant::parse("soon"), None);
    }

    #[test]
    fn networks_and_single_addresses() {
        let network = Network::parse("10.0.0.0/8").unwrap();
        assert!(network.contains(&Network::parse("10.255.255.255").unwrap()));
        assert!(!network.contains(&Network::parse("11.0.0.0").unwrap()));
        assert!(
            !Network::parse("0.0.0.0/0")
                .unwrap()
                .contains(&Network::parse("::1").unwrap())
        );
        assert!(
            Network::parse("::/0")
                .unwrap()
                .contains(&Network::parse("2001:db8::1").unwrap())
        );
        for text in ["10.0.0.0/33", "10.0.0/8", "10.0.0.0/-1", "10.0.0.0/+8", ""] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_reads_its_own_text(value in -10_i128.pow(20)..10_i128.pow(20)) {
            prop_assert_eq!(Number::parse(&Number(value).to_text()), Some(Number(value)));
        }

        #[test]
        fn an_instant_reads_its_own_text(seconds in -3_000_000_000_i128..5_000_000_000) {
            let instant = Instant(seconds * ONE);
            prop_assert_eq!(Instant::parse(&instant.to_text()), Some(instant));
        }

        #[test]
        fn an_address_reads_its_own_text(value: u32, wide: u128) {
            let narrow = Network::parse(&Network::address_text(false, value.into())).unwrap();
            prop_assert_eq!((narrow.is_v6, narrow.first), (false, u128::from(value)));
            let wide_read = Network::parse(&Network::address_text(true, wide)).unwrap();
            prop_assert_eq!((wide_read.is_v6, wide_read.first), (true, wide));
        }
    }
}
