//! In which Regions' files a service's events are.
//!
//! Sources: CloudTrail User Guide, "Global service events"; IAM User Guide, "Logging IAM and AWS STS API calls with AWS
//! CloudTrail", by which Regional endpoints of STS log in their own Region; Global Accelerator and Network Manager guides, which
//! log in us-west-2; AWS WAF Developer Guide, by which the CloudFront scope is us-east-1; endpoints of the billing services.

/// Where events are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the Region that was called.
    Regional,
    /// In the files of one Region, one of these by the partition.
    Global(&'static [&'static str]),
    /// In the Region that was called, which for some calls is one of these.
    Both(&'static [&'static str]),
}

/// Where global services log to, in each partition.
const GLOBAL: &[&str] = &["us-east-1", "cn-north-1", "us-gov-west-1"];
const OREGON: &[&str] = &["us-west-2"];

impl Place {
    /// By the prefix of a service's actions.
    pub(crate) fn of(service: &str) -> Self {
        match service {
            "account"
            | "artifact"
            | "aws-portal"
            | "bcm-data-exports"
            | "bcm-pricing-calculator"
            | "billing"
            | "billingconductor"
            | "budgets"
            | "ce"
            | "cloudfront"
            | "cloudfront-keyvaluestore"
            | "consolidatedbilling"
            | "cur"
            | "ecr-public"
            | "freetier"
            | "health"
            | "iam"
            | "invoicing"
            | "organizations"
            | "payments"
            | "purchase-orders"
            | "route53"
            | "route53domains"
            | "savingsplans"
            | "shield"
            | "support"
            | "supportplans"
            | "tax"
            | "trustedadvisor"
            | "waf" => Self::Global(GLOBAL),
            "globalaccelerator"
            | "networkmanager"
            | "route53-recovery-control-config"
            | "route53-recovery-readiness" => Self::Global(OREGON),
            "sts" | "wafv2" | "aws-marketplace" | "lightsail" => Self::Both(GLOBAL),
            _ => Self::Regional,
        }
    }

    /// The Regions one of whose files must be among those that were read.
    pub(crate) fn regions(self) -> &'static [&'static str] {
        match self {
            Self::Regional => &[],
            Self::Global(regions) | Self::Both(regions) => regions,
        }
    }

    /// Whether only trails that log global services log all of it.
    pub(crate) fn has_global_events(self) -> bool {
        self != Self::Regional
    }

    /// Whether all of it is in one Region.
    pub(crate) fn is_global(self) -> bool {
        matches!(self, Self::Global(_))
    }
}

#[cfg(test)]
mod tests {
    use leastgrant_catalog::Catalog;

    use super::*;

    #[test]
    fn services_that_have_a_place_of_their_own_are_services() {
        let with_place = Catalog::get()
            .services()
            .iter()
            .filter(|service| Place::of(service.prefix()) != Place::Regional);
        assert_eq!(with_place.count(), 38);
        assert_eq!(Place::of("networkmanager").regions(), ["us-west-2"]);
        assert!(!Place::of("sts").is_global() && Place::of("sts").has_global_events());
    }
}
