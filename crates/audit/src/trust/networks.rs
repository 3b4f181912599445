//! Where a stranger can call from.

use leastgrant_policy::Context;
use leastgrant_policy::scalar::Network;

use super::TrustedRole;
use super::values::{ORGANIZATION, missing, one};

/// Public addresses far from each other, so that a range that has one is no narrowing.
const ADDRESSES: [&str; 3] = ["23.77.142.201", "187.13.201.44", "2a02:8108:50bf:1::7"];
/// Ranges as wide as these are nobody's own: /8 of IPv4, and /16 of IPv6, of which registries give out whole countries' smaller parts.
const WIDE_V4: u128 = (1 << 24) - 1;
const WIDE_V6: u128 = (1 << 112) - 1;
/// More wide ranges than these are not tried.
const MOST_RANGES: usize = 12;

/// Where a stranger can call from: addresses, also in each wide range that conditions have, and a network of one's own, whose requests
/// have no public address (`aws:SourceIp`).
pub(super) fn networks(role: &TrustedRole<'_>) -> Vec<Option<String>> {
    let mut addresses: Vec<Option<String>> = vec![None];
    addresses.extend(ADDRESSES.map(|address| Some(address.to_owned())));
    let ranges = role.values_of("aws:sourceip").filter_map(Network::parse);
    addresses.extend(
        ranges
            .filter_map(|range| public_address(&range))
            .take(MOST_RANGES)
            .map(Some),
    );
    addresses
}

/// A public address within a range that is too wide to be anybody's own.
fn public_address(range: &Network) -> Option<String> {
    let width = range.last - range.first;
    if range.is_v6 {
        let is_global = range.first >> 125 == 1;
        return (width >= WIDE_V6 && is_global).then(|| {
            Network::address_text(true, range.first | 0x8108_50bf_0001_0000_0000_0000_0007)
        });
    }
    if width < WIDE_V4 {
        return None;
    }
    let mut octets = (range.first >> 24)..=(range.last >> 24);
    // IANA, "IPv4 Special-Purpose Address Registry", and multicast.
    let octet = octets.find(|octet| !matches!(octet, 0 | 10 | 127 | 224..=255))?;
    Some(Network::address_text(false, octet << 24 | 0x004d_8ec9))
}

/// From no network of one's own, and from an address that is left open.
pub(super) fn put_networks_but_address(context: &mut Context) {
    for key in VPC_KEYS {
        context.insert(key, missing());
    }
}

/// What requests from a network of one's own have.
const VPC_KEYS: [&str; 7] = [
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
];

/// The addresses inside of a network of one's own can be chosen, so `aws:VpcSourceIp` stays open there.
pub(super) fn put_network(context: &mut Context, address: Option<&str>) {
    context.insert("aws:sourceip", address.map_or_else(missing, one));
    for (key, value) in [
        ("aws:sourcevpc", "vpc-zzstranger"),
        (
            "aws:sourcevpcarn",
            "arn:aws:ec2:us-east-1:731904826557:vpc/vpc-zzstranger",
        ),
        ("aws:sourcevpce", "vpce-zzstranger"),
        ("aws:vpceaccount", "731904826557"),
        ("aws:vpceorgid", ORGANIZATION),
    ] {
        let value = match address {
            Some(_) => missing(),
            None => one(value),
        };
        context.insert(key, value);
    }
    context.insert("aws:vpceorgpaths", missing());
    if address.is_some() {
        context.insert("aws:vpcsourceip", missing());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_ranges_have_a_public_address() {
        for (range, address) in [
            ("20.0.0.0/8", Some("20.77.142.201")),
            ("64.0.0.0/2", Some("64.77.142.201")),
            ("0.0.0.0/5", Some("1.77.142.201")),
            ("10.0.0.0/8", None),
            ("20.0.0.0/9", None),
            ("198.51.100.0/24", None),
            ("2600::/16", Some("2600:8108:50bf:1::7")),
            ("2600::/17", None),
            ("fc00::/7", None),
        ] {
            let found = public_address(&Network::parse(range).unwrap());
            assert_eq!(found.as_deref(), address, "{range}");
        }
    }
}
