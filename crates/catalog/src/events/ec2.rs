//! Ids of EC2, which tell by their beginnings what they are, wherever they stand in a request.

use serde_json::value::RawValue;

use super::json::{Level, Members, level};
use super::parameters::{MOST_VALUES, Parameters, is_masked, is_plain};

/// What ids begin with, by resource type; by the examples of the EC2 API reference. The longest beginning counts.
const BEGINNINGS: &[(&str, &str)] = &[
    ("acl-", "network-acl"),
    ("afi-", "fpga-image"),
    ("ami-", "image"),
    ("cagw-", "carrier-gateway"),
    ("cgw-", "customer-gateway"),
    ("cr-", "capacity-reservation"),
    ("crf-", "capacity-reservation-fleet"),
    ("cvpn-endpoint-", "client-vpn-endpoint"),
    ("dopt-", "dhcp-options"),
    ("eice-", "instance-connect-endpoint"),
    ("eigw-", "egress-only-internet-gateway"),
    ("eipalloc-", "elastic-ip"),
    ("eni-", "network-interface"),
    ("export-ami-", "export-image-task"),
    ("export-i-", "export-instance-task"),
    ("fl-", "vpc-flow-log"),
    ("fleet-", "fleet"),
    ("h-", "dedicated-host"),
    ("hr-", "host-reservation"),
    ("i-", "instance"),
    ("igw-", "internet-gateway"),
    ("import-ami-", "import-image-task"),
    ("import-snap-", "import-snapshot-task"),
    ("ipam-", "ipam"),
    ("ipam-pool-", "ipam-pool"),
    ("ipam-res-disco-", "ipam-resource-discovery"),
    ("ipam-scope-", "ipam-scope"),
    ("lgw-", "local-gateway"),
    ("lgw-rtb-", "local-gateway-route-table"),
    ("lt-", "launch-template"),
    ("nat-", "natgateway"),
    ("nia-", "network-insights-analysis"),
    ("nip-", "network-insights-path"),
    ("pcx-", "vpc-peering-connection"),
    ("pl-", "prefix-list"),
    ("replacevol-", "replace-root-volume-task"),
    ("rtb-", "route-table"),
    ("sfr-", "spot-fleet-request"),
    ("sg-", "security-group"),
    ("sgr-", "security-group-rule"),
    ("sir-", "spot-instances-request"),
    ("snap-", "snapshot"),
    ("subnet-", "subnet"),
    ("tgw-", "transit-gateway"),
    ("tgw-attach-", "transit-gateway-attachment"),
    ("tgw-connect-peer-", "transit-gateway-connect-peer"),
    ("tgw-mcast-domain-", "transit-gateway-multicast-domain"),
    ("tgw-rtb-", "transit-gateway-route-table"),
    ("tmf-", "traffic-mirror-filter"),
    ("tms-", "traffic-mirror-session"),
    ("tmt-", "traffic-mirror-target"),
    ("vgw-", "vpn-gateway"),
    ("vol-", "volume"),
    ("vpc-", "vpc"),
    ("vpce-", "vpc-endpoint"),
    ("vpce-svc-", "vpc-endpoint-service"),
    ("vpn-", "vpn-connection"),
];

/// Whether ids of a resource type are told by how they begin.
pub(super) fn has_type(name: &str) -> bool {
    BEGINNINGS.iter().any(|(_, known)| *known == name)
}

/// Deeper than any id stands.
const MOST_LEVELS: usize = 12;

/// An id and its type.
pub(super) type Id = (&'static str, String);

/// The ids that a request names.
#[derive(Default)]
pub(super) struct Ids {
    pub(super) all: Vec<Id>,
    pub(super) is_unclear: bool,
}

impl Ids {
    pub(super) fn of(parameters: &Parameters<'_>) -> Self {
        let mut ids = Self::default();
        match parameters {
            Parameters::Absent => {}
            Parameters::Unreadable => ids.is_unclear = true,
            Parameters::Given(members) if members.named("sourceregion").next().is_some() => {
                // What is copied lies in another Region, where its ARN would say so.
                ids.is_unclear = true;
            }
            Parameters::Given(members) => ids.of_members(members, 0),
        }
        ids
    }

    fn of_members(&mut self, members: &Members<'_>, depth: usize) {
        for (name, value) in &members.0 {
            if !is_passed_by(name) {
                self.of_value(value, depth + 1);
            }
        }
    }

    fn of_value(&mut self, value: &RawValue, depth: usize) {
        if depth > MOST_LEVELS {
            self.is_unclear = true;
            return;
        }
        match level(value.get()) {
            Some(Level::Object(members)) => self.of_members(&members, depth),
            Some(Level::List(elements)) if elements.len() > MOST_VALUES => self.is_unclear = true,
            Some(Level::List(elements)) => {
                for element in elements {
                    self.of_value(element, depth + 1);
                }
            }
            Some(Level::Text(text)) => {
                let Some(resource_type) = type_of(&text) else {
                    // A masked value can be an id.
                    self.is_unclear |= !text.is_empty() && is_masked(&text);
                    return;
                };
                let id = (resource_type, text.into_owned());
                if self.all.len() >= MOST_VALUES {
                    self.is_unclear = true;
                } else if !self.all.contains(&id) {
                    self.all.push(id);
                }
            }
            Some(_) => {}
            None => self.is_unclear = true,
        }
    }
}

// Parameters whose ids are no resources of the call: filters, tags, rules that mention groups, the other side of a peering, and names,
// which can look like ids. All in small letters.
pub(super) const PASSED_BY_BEGINNINGS: &[&str] = &["filter", "tag", "ippermission", "peer"];
pub(super) const PASSED_BY_ENDS: &[&str] = &["name"];
pub(super) const PASSED_BY_NAMES: &[&str] = &["clienttoken", "description", "userdata", "password"];

/// Whether ids in a parameter of this name are no resources of the call.
pub(super) fn is_passed_by(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let mut beginnings = PASSED_BY_BEGINNINGS.iter();
    let mut ends = PASSED_BY_ENDS.iter();
    beginnings.any(|beginning| lower.starts_with(beginning))
        || ends.any(|end| lower.ends_with(end))
        || PASSED_BY_NAMES.contains(&&*lower)
}

/// The type of an id: one of the beginnings and at least eight letters and digits.
fn type_of(text: &str) -> Option<&'static str> {
    let (end, _) = text
        .rmatch_indices('-')
        .next()
        .map(|(place, sign)| (place + sign.len(), sign))?;
    let (beginning, rest) = text.split_at_checked(end)?;
    let is_id = rest.len() >= 8
        && rest.len() <= 40
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && is_plain(text);
    let found = BEGINNINGS.iter().find(|(own, _)| *own == beginning)?;
    is_id.then_some(found.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;

    #[test]
    fn beginnings_are_sorted_and_of_types_that_exist() {
        assert!(BEGINNINGS.is_sorted_by(|a, b| a.0 < b.0));
        let ec2 = Catalog::get().service("ec2").unwrap();
        for (_, name) in BEGINNINGS {
            let mut types = ec2.resource_types().iter();
            let found = types.find(|one| one.name == *name);
            assert!(found.is_some(), "{name}");
        }
    }

    #[test]
    fn ids_are_told_from_names() {
        assert_eq!(type_of("i-0123456789abcdef0"), Some("instance"));
        assert_eq!(
            type_of("tgw-attach-0123456789abcdef0"),
            Some("transit-gateway-attachment")
        );
        for other in [
            "i-1",
            "i-",
            "sg-web",
            "x-0123456789",
            "i-0123456789*",
            "-",
            "rtbassoc-01234567",
        ] {
            assert_eq!(type_of(other), None, "{other}");
        }
    }
}
