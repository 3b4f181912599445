//! The order and its reasons, with facts of its own and a slow twin.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::{AppliedExemption, Confidence};

struct Fixed(Vec<(&'static str, Privilege)>);

impl Privileges for Fixed {
    fn of(&self, principal_arn: &str) -> Privilege {
        let known = self.0.iter().find(|(arn, _)| *arn == principal_arn);
        known.map_or(Privilege::Unknown, |(_, privilege)| *privilege)
    }
}

impl Gifts for Fixed {
    fn of(&self, finding: &Finding) -> Privilege {
        Privileges::of(self, &finding.resource_arn)
    }
}

fn finding(rule: &'static str, severity: Severity, arn: &str) -> Finding {
    Finding {
        id: format!("{rule} {arn}"),
        rule,
        severity,
        confidence: Confidence::High,
        account_id: String::new(),
        resource_arn: arn.to_owned(),
        resource_type: ResourceType::User,
        access_key_id: None,
        owner: String::new(),
        title: String::new(),
        detail: String::new(),
        evidence: Vec::new(),
        remediation: String::new(),
        exemption: None,
    }
}

#[test]
fn what_can_do_more_and_is_exposed_comes_first_and_says_why() {
    let mut of_key = finding("migrate-key", Severity::Medium, "vendor");
    of_key.access_key_id = Some("AKIA".to_owned());
    let mut exempted = finding("stale-user", Severity::Critical, "admin");
    exempted.exemption = Some(AppliedExemption {
        owner: String::new(),
        reason: String::new(),
        expires: String::new(),
    });
    let findings = [
        finding("stale-user", Severity::High, "clerk"),
        finding("user-without-mfa", Severity::Medium, "admin"),
        of_key,
        finding("stale-user", Severity::High, "nobody-knows"),
        exempted,
        Finding {
            resource_type: ResourceType::Group,
            ..finding("empty-group", Severity::Low, "admins")
        },
    ];
    let mut exposures = Exposures::default();
    exposures.add("AKIA", Exposure::KeyElsewhere);
    let known = Known {
        last_uses: &LastUses::default(),
        privileges: &Fixed(vec![
            ("admin", Privilege::GrantsRights),
            ("clerk", Privilege::Little),
            ("vendor", Privilege::ReadsSecrets),
        ]),
        gifts: &Fixed(vec![("admins", Privilege::Everything)]),
        exposures: &exposures,
    };
    let told: Vec<String> = rank(&findings, &known)
        .into_iter()
        .map(|own| {
            format!(
                "{} {}: {}",
                own.score,
                own.finding_id,
                own.because.join("; ")
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "32 user-without-mfa admin: severity medium (×2); its last use is not known (×2); it can grant rights (×4); no MFA (×2)",
            "24 migrate-key vendor: severity medium (×2); its last use is not known (×2); it can read secrets (×3); the key lies outside of AWS (×2)",
            "16 stale-user nobody-knows: severity high (×4); its last use is not known (×2); what it can do is not known (×2)",
            "8 stale-user clerk: severity high (×4); its last use is not known (×2)",
            "4 empty-group admins: severity low (×1); whoever has it is an administrator (×4)",
        ]
    );
}

#[test]
fn others_count_by_how_grave_it_is_and_deputies_that_are_services_not_at_all() {
    let because = |rule: &'static str, severity: Severity| {
        let findings = [finding(rule, severity, "role")];
        let known = Known {
            last_uses: &LastUses::default(),
            privileges: &Fixed(vec![("role", Privilege::Little)]),
            gifts: &Fixed(Vec::new()),
            exposures: &Exposures::default(),
        };
        rank(&findings, &known).remove(0).because.pop().unwrap()
    };
    let not_known = "its last use is not known (×2)";
    for (rule, severity, expected) in [
        ("public-trust", Severity::Critical, "open to others (×3)"),
        (
            "cross-account-trust",
            Severity::Medium,
            "open to some others (×2)",
        ),
        (
            "confused-deputy",
            Severity::Medium,
            "open to some others (×2)",
        ),
        ("confused-deputy", Severity::Low, not_known),
    ] {
        assert_eq!(because(rule, severity), expected, "{rule}");
    }
}

#[test]
fn rights_over_oneself_and_to_what_is_public_are_no_privilege() {
    use crate::testing::{World, allow, arn};
    let mut world = World::new();
    let keys = "iam:CreateAccessKey";
    let own = arn("user/${aws:username}");
    world.inline("user/own", &[allow(keys, &own)]);
    world.inline("user/named", &[allow(keys, &arn("user/named"))]);
    world.inline("user/raises", &[allow("iam:PutUserPolicy", &own)]);
    world.inline("user/other", &[allow(keys, &arn("user/named"))]);
    let parameters = "arn:aws:ssm:*:*:parameter";
    world.inline(
        "user/public",
        &[allow(
            "ssm:GetParameter",
            &format!("{parameters}/aws/service/*"),
        )],
    );
    world.inline(
        "user/secret",
        &[allow("ssm:GetParameter", &format!("{parameters}/app/*"))],
    );
    let (_folder, inventory) = world.inventory();
    let access = leastgrant_access::Access::load(&inventory).unwrap();
    let privileges = AccessPrivileges::new(&access, None);
    for (user, expected) in [
        ("own", Privilege::Little),
        ("named", Privilege::Little),
        ("raises", Privilege::GrantsRights),
        ("other", Privilege::GrantsRights),
        ("public", Privilege::Little),
        ("secret", Privilege::ReadsSecrets),
    ] {
        assert_eq!(
            privileges.of(&arn(&format!("user/{user}"))),
            expected,
            "{user}"
        );
    }
}

#[test]
fn time_without_use_counts_from_the_usual_limit_on() {
    let factors =
        [0, 90, 91, 180, 181, 365, 366, i64::MAX].map(|days| Staleness::Days(days).factor());
    assert_eq!(factors, [1, 1, 2, 2, 3, 3, 4, 4]);
    assert_eq!(Staleness::Unknown.factor(), 2);
    assert_eq!(Staleness::NotUsed.factor(), 1);
}

fn standing() -> impl Strategy<Value = Standing> {
    let privileges = [
        Privilege::NoPrincipal,
        Privilege::Little,
        Privilege::WritesData,
        Privilege::Unknown,
        Privilege::ReadsSecrets,
        Privilege::GrantsRights,
        Privilege::MayBecomeAdministrator,
        Privilege::BecomesAdministrator,
        Privilege::Everything,
    ];
    let exposures = [
        Exposure::OpenToOthers,
        Exposure::OpenToSome,
        Exposure::KeyElsewhere,
        Exposure::SharedKey,
        Exposure::WithoutMfa,
    ];
    (
        select(Severity::ALL.to_vec()),
        prop_oneof![
            Just(Staleness::Unknown),
            Just(Staleness::NotUsed),
            (0..800_i64).prop_map(Staleness::Days)
        ],
        select(privileges.to_vec()),
        any::<bool>(),
        prop::collection::btree_set(select(exposures.to_vec()), 0..4),
    )
        .prop_map(
            |(severity, staleness, privilege, is_given, exposures)| Standing {
                severity,
                staleness,
                privilege,
                is_given,
                exposures: exposures.into_iter().collect(),
            },
        )
}

proptest! {
    /// The slow twin reads the factors out of the words.
    #[test]
    fn the_score_is_the_product_of_what_is_said(standing in standing()) {
        let product: u32 = standing
            .because()
            .iter()
            .map(|words| words.rsplit_once('×').unwrap().1.trim_end_matches(')').parse::<u32>().unwrap())
            .product();
        prop_assert_eq!(standing.score(), product);
    }

    #[test]
    fn what_is_worse_never_scores_less(standing in standing(), days in 0..800_i64) {
        let mut worse = standing.clone();
        worse.severity = Severity::Critical;
        worse.privilege = Privilege::Everything;
        if let Staleness::Days(known) = worse.staleness {
            worse.staleness = Staleness::Days(known.max(days));
        }
        prop_assert!(worse.score() >= standing.score());
    }
}
