//! Where calls came from: inside a VPC, from the internet, or through a service.
//!
//! A private address reaches AWS through a VPC endpoint only, so its caller is in a VPC or in a network that is joined to one. Which
//! public addresses are AWS's own is not told here: that would need a list that changes daily.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What the addresses of a key come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Network {
    /// Addresses that only the inside of a network has.
    pub inside: usize,
    /// Addresses of the internet.
    pub outside: usize,
    /// Networks of those: the first 24 bits of an IPv4 address, the first 48 of an IPv6 one.
    pub outside_networks: usize,
    /// Addresses that cannot be read as such; hosts of services are not among them.
    pub unreadable: usize,
}

/// What one address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Inside,
    Outside(NetworkPrefix),
    Service,
    Unreadable,
}

/// The part of an address that a site has for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NetworkPrefix {
    V4(u32),
    V6(u128),
}

impl Network {
    pub(crate) fn of<'a>(addresses: impl IntoIterator<Item = &'a str>) -> Self {
        let mut network = Self::default();
        let mut networks = BTreeSet::new();
        for address in addresses {
            match place_of(address) {
                Place::Inside => network.inside += 1,
                Place::Outside(prefix) => {
                    network.outside += 1;
                    networks.insert(prefix);
                }
                Place::Service => {}
                Place::Unreadable => network.unreadable += 1,
            }
        }
        network.outside_networks = networks.len();
        network
    }
}

fn place_of(address: &str) -> Place {
    if address == "AWS Internal" || address.ends_with(".amazonaws.com") {
        return Place::Service;
    }
    match address.parse() {
        Ok(IpAddr::V4(address)) => place_of_v4(address),
        Ok(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => place_of_v4(address),
            None => place_of_v6(address),
        },
        Err(_) => Place::Unreadable,
    }
}

fn place_of_v4(address: Ipv4Addr) -> Place {
    // RFC 6598: shared between carriers, and what pods of EKS have where private addresses are short.
    let is_shared = address.to_bits() >> 22 == Ipv4Addr::new(100, 64, 0, 0).to_bits() >> 22;
    if address.is_private() || is_shared || address.is_link_local() || address.is_loopback() {
        return Place::Inside;
    }
    Place::Outside(NetworkPrefix::V4(address.to_bits() >> 8))
}

fn place_of_v6(address: Ipv6Addr) -> Place {
    if address.is_unique_local() || address.is_unicast_link_local() || address.is_loopback() {
        return Place::Inside;
    }
    Place::Outside(NetworkPrefix::V6(address.to_bits() >> 80))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_inside_outside_or_of_services() {
        let addresses = [
            "10.1.2.3",
            "172.31.0.1",
            "192.168.10.20",
            "100.64.3.4",
            "fd00::1",
            "::ffff:10.0.0.1", // inside
            "203.0.113.5",
            "203.0.113.200",
            "198.51.100.7",
            "172.32.0.1",
            "2001:db8::1",
            "2001:db8:0:7::2", // outside
            "athena.amazonaws.com",
            "AWS Internal",
            "075.050.255.67",
            "",
            "somewhere",
        ];
        let expected = Network {
            inside: 6,
            outside: 6,
            outside_networks: 4,
            unreadable: 3,
        };
        assert_eq!(Network::of(addresses), expected);
    }

    proptest! {
        /// The slow twin compares with the ranges of RFC 1918, 3927, 6598 and 1122 as numbers, and networks two by two.
        #[test]
        fn ranges_and_networks_are_those_of_the_standards(bits in prop::collection::vec(any::<u32>(), 0..8), near in 0..9_usize, offset in -3_i64..3) {
            let edges = ["10.0.0.0", "11.0.0.0", "172.16.0.0", "172.32.0.0", "192.168.0.0", "192.169.0.0", "100.64.0.0", "100.128.0.0", "169.254.0.0"];
            let edge: Ipv4Addr = edges[near].parse().unwrap();
            let all: Vec<u32> = bits.into_iter().chain([u32::try_from(i64::from(edge.to_bits()) + offset).unwrap()]).collect();
            let inside = |address: u32| {
                [("10.0.0.0", 24), ("172.16.0.0", 20), ("192.168.0.0", 16), ("100.64.0.0", 22), ("169.254.0.0", 16), ("127.0.0.0", 24)]
                    .iter()
                    .any(|(first, size)| {
                        let first = u64::from(first.parse::<Ipv4Addr>().unwrap().to_bits());
                        (first..first + (1_u64 << size)).contains(&u64::from(address))
                    })
            };
            let outside: Vec<u32> = all.iter().copied().filter(|address| !inside(*address)).collect();
            let networks = (0..outside.len())
                .filter(|place| outside[..*place].iter().all(|other| other / 256 != outside[*place] / 256))
                .count();
            let texts: Vec<String> = all.iter().map(|bits| Ipv4Addr::from(*bits).to_string()).collect();
            let found = Network::of(texts.iter().map(String::as_str));
            prop_assert_eq!((found.inside, found.outside, found.outside_networks), (all.len() - outside.len(), outside.len(), networks));
        }
    }
}
